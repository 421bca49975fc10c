"""What changes by itself on a page, and whether it has: asked without looking at it once more.

A mark names the things whose state stands on a page, and digests that state. It is sealed for
whoever the page was shown to, so that nobody can ask of what they were not shown. The answer is
whether something would stand there otherwise now, and nothing besides; so it is no read, and leaves
no entry in the trail. What is new is looked at by loading the page, which leaves one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec

from counterfoil import directory
from counterfoil.directory import Policy
from counterfoil.jsonapi import cursor
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work
from counterfoil.tokens.steps.last_use import former_secrets, last_uses
from counterfoil.tokens.steps.outside import outside_of
from counterfoil.tokens.usage_model import Former, LastUse
from counterfoil.web.page import Visit

PATH: Final = "/live"
SEEN: Final = "seen"

_MINUTE_S: Final = 60
_BYTES: Final = 16

What: TypeAlias = Literal["used", "stopped", "former", "enforced"]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What stands on a page.

    It is made of the very facts that the page shows: a second look could already see what came in
    between, and what came would never be asked for.

    Attributes:
        what: when tokens were last used, to the minute; when one was stopped, exactly; that and
            when its former secrets were seen; or how far the policy is enforced.
        ids: the tokens; none for the policy.
        state: a digest of what is said of them.
    """

    what: What
    ids: tuple[int, ...]
    state: bytes


def used(last: Mapping[TokenId, LastUse | None]) -> Mark:
    """Return the mark of when these tokens were last used."""
    return _mark("used", tuple(last), [_minutes(one) for one in last.values()])


def stopped(token: TokenId, last: LastUse | None) -> Mark:
    """Return the mark of when a token was last let in, and first refused."""
    return _mark("stopped", (token,), last and (last.allowed_at, last.refused_at))


def replaced(token: TokenId, last: LastUse | None, former: Iterable[Former]) -> Mark:
    """Return the mark of when a token was last used, and each secret that was replaced."""
    seen = [(one.hint, _minute(one.seen_at), one.client, one.network) for one in former]
    return _mark("former", (token,), (_minutes(last), seen))


def enforced(rules: Policy, outside: int) -> Mark:
    """Return the mark of a policy, and of how many tokens have still to come under it."""
    return _mark("enforced", (), (rules.version, outside))


def sealed(visit: Visit, shown: Mark) -> str:
    """Return a mark as it goes out, for this person in this organization alone."""
    raw = msgspec.msgpack.encode(shown)
    return cursor.seal(visit.asked.office.cursor_key, _whose(visit), raw)


def has_changed(visit: Visit, given: str) -> bool:
    """Say whether something would stand otherwise now on the page that a mark came from.

    Raises:
        Malformed: for a mark that this person was not given.
    """
    raw = cursor.unseal(visit.asked.office.cursor_key, _whose(visit), given, SEEN)
    try:
        shown = msgspec.msgpack.decode(raw, type=Mark)
    except msgspec.DecodeError:
        wrong = {"parameter": SEEN}
        raise Malformed(Code.INVALID_REQUEST, "This is no mark.", meta=wrong) from None
    with visit.read() as work:
        return _now(work, shown) != shown


def _now(work: Work, shown: Mark) -> Mark:
    """Return the mark of what would stand there now."""
    ids = [TokenId(one) for one in shown.ids]
    if shown.what == "enforced":
        rules = directory.policy(work.tx, work.caller.organization)
        left = len(outside_of(work, rules)) if rules.is_enforced(work.now) else 0
        return enforced(rules, left)
    last = last_uses(work, ids)
    if shown.what == "used":
        return used({one: last.get(one) for one in ids})
    (one,) = ids
    if shown.what == "stopped":
        return stopped(one, last.get(one))
    return replaced(one, last.get(one), former_secrets(work, one))


def _mark(what: What, ids: tuple[TokenId, ...], said: object) -> Mark:
    return Mark(what, ids, hashlib.blake2b(repr(said).encode(), digest_size=_BYTES).digest())


def _minutes(use: LastUse | None) -> tuple[object, ...]:
    if use is None:
        return ()
    minutes = map(_minute, (use.at, use.management_at, use.delivery_at))
    return (*minutes, use.client, use.network)


def _minute(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp()) // _MINUTE_S


def _whose(visit: Visit) -> str:
    return f"live {visit.caller.organization}.{visit.caller.user}"

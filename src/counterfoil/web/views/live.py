"""What changes by itself on a page, and whether it has: asked without looking at it once more.

A mark names the things whose state stands on a page, and digests that state. It is sealed for
whoever the page was shown to, so that nobody can ask of what they were not shown. The answer is
whether something would stand there otherwise now, and nothing besides; so it is no read, and leaves
no entry in the trail. What is new is looked at by loading the page, which leaves one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec

from counterfoil import directory
from counterfoil.jsonapi import cursor
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work
from counterfoil.tokens.steps.last_use import former_secrets, last_uses
from counterfoil.tokens.steps.outside import outside_of
from counterfoil.tokens.usage_model import LastUse
from counterfoil.web.page import Visit

PATH: Final = "/live"
SEEN: Final = "seen"

_MINUTE_S: Final = 60
_BYTES: Final = 16

What: TypeAlias = Literal["used", "stopped", "former", "enforced"]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What stands on a page.

    Attributes:
        what: when tokens were last used, to the minute; when one was stopped, exactly; that and
            when its former secrets were seen; or how far the policy is enforced.
        ids: the tokens; none for the policy.
        state: a digest of what is said of them.
    """

    what: What
    ids: tuple[int, ...]
    state: bytes


def mark(work: Work, what: What, tokens: Iterable[TokenId] = ()) -> Mark:
    """Return the mark of what stands on a page now."""
    ids = tuple(tokens)
    said = _enforced(work) if what == "enforced" else _uses(work, what, ids)
    state = hashlib.blake2b(repr(said).encode(), digest_size=_BYTES).digest()
    return Mark(what, ids, state)


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
        return mark(work, shown.what, map(TokenId, shown.ids)) != shown


def _uses(work: Work, what: What, ids: tuple[TokenId, ...]) -> list[object]:
    found = last_uses(work, list(ids))
    last = [_said(found.get(one), exactly=what == "stopped") for one in ids]
    if what != "former":
        return [last]
    seen = [one for id_ in ids for one in former_secrets(work, id_)]
    return [last, [(one.hint, _minute(one.seen_at), one.client, one.network) for one in seen]]


def _said(use: LastUse | None, *, exactly: bool) -> tuple[object, ...]:
    if use is None:
        return ()
    if exactly:
        return (use.allowed_at, use.refused_at)
    minutes = map(_minute, (use.at, use.management_at, use.delivery_at))
    return (*minutes, use.client, use.network)


def _minute(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp()) // _MINUTE_S


def _enforced(work: Work) -> list[object]:
    rules = directory.policy(work.tx, work.caller.organization)
    return [rules.version, len(outside_of(work, rules)) if rules.is_enforced(work.now) else 0]


def _whose(visit: Visit) -> str:
    return f"live {visit.caller.organization}.{visit.caller.user}"

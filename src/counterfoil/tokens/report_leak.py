"""A token has leaked, and whoever found it says so: nobody has to sign in for that (S15).

Whoever shows a secret holds it, and could end its token at the revocation endpoint as well. What a
report does is said by the policy of the token's home; the answer is one and the same for every
string, so that nobody learns by it which ones are tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Final, Literal, NamedTuple, TypeAlias

from counterfoil import directory, notices
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.audit.deed import Committed
from counterfoil.directory import Policy
from counterfoil.directory.presets import LeakAction
from counterfoil.gate.record.decided import Exposed
from counterfoil.kernel.errors import Limited
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.kernel.networks import network_of
from counterfoil.notices import Kind as Told
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.witness import NOBODY
from counterfoil.secret import Kind, is_intact, kind_of, known_as, redacted, starts
from counterfoil.tokens import policy
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.news import TokenTurned, Turn
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.notify import holder
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.store import flags, leaks, lists, rows, secrets
from counterfoil.tokens.store.flags import Whose
from counterfoil.tokens.store.leaks import Report
from counterfoil.tokens.suspicion import Flag, Reason
from counterfoil.tokens.usage_model import HOUR, hour_of

How: TypeAlias = Literal["reported", "exposed", "hearsay"]
"""By whoever shows the secret; seen in an address here; or, as a gate elsewhere says, there."""

A_DAY: Final = timedelta(days=1)
"""Who reports what was reported within a day adds nothing, while nothing is left to stop."""

PER_HOUR: Final = 30
"""So many reports of one network are heard within an hour."""

_KINDS: Final = (Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT, Kind.EXCHANGED)
_REPORTED: Final = "Somebody who holds its secret reported it as leaked."
_EXPOSED: Final = "It stood in the address of a request, where logs and histories keep it."


def receive(office: Office, text: str, url: str, origin: Origin) -> None:
    """Hear a report; whether the text is the secret of any token makes no difference outside.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED.
    """
    _count(office, origin)
    take_in(office, text, url, origin)


def take_in(office: Office, text: str, url: str, origin: Origin) -> None:
    """Do what a report asks for, if the text is the secret of a token."""
    found = _token_of(office, text)
    if found is None:
        return
    with _working(office, found[0], origin) as work:
        report_leak(work, found[1], redacted(url)[: policy.TEXT_CHARS])


class Found(NamedTuple):
    """What somebody who searches for leaks has found, and where."""

    text: str
    url: str


def take_in_many(office: Office, found: Sequence[Found], origin: Origin) -> list[bool]:
    """Do what reports ask for, from who is believed; say of each whether it is a token of ours.

    It may be a dead one. What stands there twice counts once.
    """
    known = [_known(office, one.text) for one in found]
    with office.database.reading() as tx:
        owned = secrets.owners(tx, list({one for one in known if one is not None}))
    ours = [one in owned for one in known]
    for one in dict.fromkeys(one for one, is_ours in zip(found, ours, strict=True) if is_ours):
        take_in(office, one.text, one.url, origin)
    return ours


def expose(office: Office, text: str, path: str, origin: Origin) -> None:
    """Take note that a live token stood in the query of an address (S11)."""
    if (found := _token_of(office, text)) is not None:
        _expose(office, found, f"{office.address}{redacted(path)}?…", origin)


def expose_told(office: Office, told: Exposed, by: str) -> None:
    """Take note of the same as a gate saw it.

    Args:
        office: which does it.
        told: what the gate tells.
        by: how a gate on another host is called. What it knows of a token may be no more than what
            the books know it by: so nothing is stopped at its word, and whose it is is told.
    """
    with office.database.reading() as tx:
        found = secrets.token_of(tx, told.digest)
    if found is not None:
        where = f"{spell(Prefix.API, told.api)} {told.path}?…"
        said = f"{where}, as the gate {by} says" if by else where
        origin = Origin(told.request_id, told.address, told.agent)
        _expose(office, found, said, origin, is_hearsay=bool(by))


def _expose(
    office: Office,
    found: tuple[OrganizationId, TokenId],
    where: str,
    origin: Origin,
    *,
    is_hearsay: bool = False,
) -> None:
    home, token = found
    with office.database.reading() as tx:
        if leaks.known_since(tx, token, office.clock() - A_DAY):
            return
    with _working(office, home, origin) as work:
        how: How = "hearsay" if is_hearsay else "exposed"
        report_leak(work, token, where[: policy.TEXT_CHARS], how=how)


def _working(office: Office, home: OrganizationId, origin: Origin) -> AbstractContextManager[Work]:
    caller = Caller(home, None, Method.SYSTEM, Grant(()))
    return office.telling(_nobody).work(caller, origin)


def _token_of(office: Office, text: str) -> tuple[OrganizationId, TokenId] | None:
    known = _known(office, text)
    if known is None:
        return None
    with office.database.reading() as tx:
        return secrets.token_of(tx, known)


def _known(office: Office, text: str) -> bytes | None:
    """Return by what the books would know a string; None for what is no token of those kinds."""
    known = known_as(text, office.prefix)
    ours = text.startswith(starts(office.prefix))
    return None if known and ours and not _is_token(text, office.prefix) else known


@operation("leak.report", requires=None, methods=frozenset({Method.SYSTEM}), vital=True)
def report_leak(work: Work, id_: TokenId, url: str, *, how: How = "reported") -> Token:
    """Do with a token that was reported what the policy says, and tell whom it concerns.

    One that somebody has switched on again since an earlier report is stopped again: its secret is
    as well known as before. One that was only `exposed` in an address goes on, unless the policy is
    to revoke: whoever typed the address may be all who saw it. By `hearsay` none is stopped.
    """
    here = work.caller.organization
    token = rows.hold(work.tx, here, id_, _KINDS)
    work.permit(target=spell(Prefix.TOKEN, id_))
    work.note(url)
    if not any(grant.standing in LIVE for grant in token.grants) or token.expired(work.now):
        return token
    rules = directory.policy(work.tx, here)
    is_mild = how == "hearsay" or (how == "exposed" and rules.leak_action != "revoke")
    doing = "notify" if is_mild else _to_do(token, rules)
    if leaks.known_since(work.tx, id_, work.now - A_DAY) and not _left_to_do(token, doing):
        return token
    leaks.add(work.tx, Report(work.new_id(), here, id_, url, "", doing, None, work.now))
    flag = Flag(Reason.LEAKED, _REPORTED if how == "reported" else _EXPOSED, work.now, work.now, 1)
    flags.put(work.tx, Whose(here, id_), flag)
    after = _acted(work, token, doing, rules)
    _tell(work, token, url, doing)
    return after


def _is_token(text: str, prefix: str) -> bool:
    return kind_of(text, prefix) in _KINDS and is_intact(text)


def _to_do(token: Token, rules: Policy) -> LeakAction:
    """Return what the policy does with a token of this kind.

    What waits for approval or lives minutes can be switched off by ending it alone.
    """
    brief = token.kind is Kind.EXCHANGED or token.state_in(token.organization) is State.PENDING
    return "revoke" if brief and rules.leak_action == "disable" else rules.leak_action


def _left_to_do(token: Token, doing: LeakAction) -> bool:
    """Say whether a token that is known to have leaked is not stopped, or on again."""
    if doing == "disable":
        return any(grant.state is State.ACTIVE for grant in token.grants)
    return doing == "revoke"


def _nobody(_committed: Committed) -> None:
    """Let no header of the answer say that the feed moved: only a token moves it."""


def _acted(work: Work, token: Token, doing: LeakAction, rules: Policy) -> Token:
    if doing == "notify":
        return token
    hanging = _hanging(work, token, rules)
    if doing == "revoke":
        return end(work, [token, *hanging])[0]
    if token.kind is Kind.CLIENT:
        end(work, hanging)
    after = token
    for grant in token.grants:
        if grant.state is State.ACTIVE:
            after = after.disabled(grant.organization, None)
    return after if after is token else put(work, token, replace(after, version=token.version + 1))


def _hanging(work: Work, token: Token, rules: Policy) -> list[Token]:
    """Return what goes with a token that is ended: what was made by it or given for it."""
    if token.kind is Kind.CLIENT:
        return lists.children(work.tx, token)
    return lists.family(work.tx, token) if rules.cascade else []


def _tell(work: Work, token: Token, url: str, doing: LeakAction) -> None:
    here = work.caller.organization
    work.announce(TokenTurned(here, token.id, token.kind, Turn.LEAKED))
    whom = set(directory.approvers(work.tx, here))
    if (whose := holder(token)) is not None:
        whom.add(whose)
    facts = {"name": token.name, "url": url or None, "done": doing}
    notices.tell(work, Told.TOKEN_LEAKED, whom, spell(Prefix.TOKEN, token.id), facts)


def _count(office: Office, origin: Origin) -> None:
    """Count a report of a network, before anything is known of it."""
    now = office.clock()
    source = network_of(origin.address, v4_bits=32, v6_bits=64) or origin.address[:64]
    with office.database.transaction(NOBODY) as tx:
        if leaks.count_heard(tx, source, hour_of(now)) >= PER_HOUR:
            wait = int((hour_of(now) + HOUR - now).total_seconds()) + 1
            raise Limited(detail="Too many reports: come again later.", meta={"retry_after": wait})
        leaks.hear(tx, source, hour_of(now))

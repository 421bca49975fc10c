"""A request as its approver reads it: who asks for what, where, until when, and what to mind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from counterfoil import directory
from counterfoil.access.conditions import Conditions
from counterfoil.access.scope import NO_SCOPES, Scopes
from counterfoil.access.surface import spell_surfaces
from counterfoil.kernel.errors import NotFound
from counterfoil.operation import Work
from counterfoil.tokens.approval import READS, needs_second
from counterfoil.tokens.request_model import Request, RequestKind, RequestState
from counterfoil.tokens.show import Inquiry
from counterfoil.tokens.steps.requests import Decided
from counterfoil.tokens.steps.told import request_told
from counterfoil.tokens.weigh import Caution, Weighed
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.places import Place, placed
from counterfoil.web.views.rule_said import rules_said
from counterfoil.web.views.token_view import Badge

CAUTIONS: Final = MappingProxyType(
    {
        Caution.WRITES: N_("It changes content."),
        Caution.PUBLISHES: N_("It publishes: visitors see what it does."),
        Caution.DELETES: N_("It deletes."),
        Caution.GOVERNS: N_("It manages tokens, people, roles or rules."),
        Caution.FOLLOWS_ROLE: N_("It follows the role: what its owner may do later, it may do."),
        Caution.EVERYWHERE: N_("It changes things everywhere: it has no root node."),
        Caution.ALIKE: N_("They have one already that is called the same, or may do the same."),
        Caution.LASTS: N_("It lasts longer than 90 days."),
        Caution.SPANS: N_("It speaks in all organizations of its owner."),
    }
)
BADGES: Final = MappingProxyType(
    {
        RequestState.OPEN: Badge(N_("Awaiting approval"), "clock", "warning"),
        RequestState.APPROVED: Badge(N_("Approved"), "check", "good"),
        RequestState.DENIED: Badge(N_("Denied"), "cross", "bad"),
        RequestState.CANCELLED: Badge(N_("Withdrawn"), "ring", "neutral"),
        RequestState.LAPSED: Badge(N_("Lapsed"), "ring", "neutral"),
    }
)


_FIRST: Final = N_("Approved by you: %(name)s works once somebody else approves it too.")


@dataclass(frozen=True, slots=True)
class Line:
    """One scope of the comparison: whether it is asked for, held, effective, and there already.

    Attributes:
        left: whether it is still ticked.
        waits: whether a rule of the policy has it approved.
    """

    scope: str
    asked: bool
    held: bool
    effective: bool
    present: bool
    waits: bool
    left: bool

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.scope.endswith(READS)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request in one organization.

    Attributes:
        roles: what the requester is here; none if they are away.
        scopes: the names that are asked for; None for all that the requester may do.
        roots: the nodes that it is restricted to; None for everywhere.
        mine: whether the reader asked for it, and so does not decide it.
        alike: the ids and names of what the requester has of the same kind already.
        held: how many tokens take up their quota.
        rules: why it has to be approved, in sentences.
        missing: how many people must still approve it.
        agreed_by: the name of who approved it first, where two must; empty if nobody did;
            with `agreed_at`, when.
        mine_to_approve: whether the reader may: they neither asked for it nor are the first of two.
    """

    id: str
    version: int
    badge: Badge
    open: bool
    widens: bool
    token: str
    name: str
    requester: str
    email: str
    roles: tuple[str, ...]
    mine: bool
    scopes: tuple[str, ...] | None
    roots: tuple[Place, ...] | None
    surfaces: tuple[str, ...]
    conditions: Conditions
    justification: str
    reason: str
    created_at: datetime
    lapses_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None
    cautions: tuple[str, ...]
    alike: tuple[tuple[str, str], ...]
    held: int
    quota: int | None
    rules: tuple[str, ...]
    missing: int
    agreed_by: str
    agreed_at: datetime | None
    mine_to_approve: bool

    @classmethod
    def of(cls, inquiry: Inquiry, weighed: Weighed, work: Work, visit: Visit) -> RequestView:
        """Return what is shown of a request."""
        request = request_told(work, inquiry.request)
        bounds = request.bounds
        return cls(
            id=str(request.id),
            version=request.version,
            badge=BADGES[request.state],
            open=request.state is RequestState.OPEN and work.now < request.lapses_at,
            widens=request.kind is RequestKind.WIDEN,
            token=str(request.token),
            name=inquiry.token.name,
            requester=inquiry.requester.name,
            email=inquiry.requester.email or "",
            roles=_roles(work, request),
            mine=request.requester == work.caller.user,
            scopes=None if bounds.scopes is None else work.vocabulary().spell(bounds.scopes),
            roots=placed(work, bounds.roots, counted=True),
            surfaces=spell_surfaces(bounds.surfaces),
            conditions=bounds.conditions,
            justification=request.justification,
            reason=request.reason or "",
            created_at=request.created_at,
            lapses_at=request.lapses_at,
            decided_at=request.decided_at,
            expires_at=request.expires_at,
            cautions=tuple(CAUTIONS[one] for one in weighed.cautions),
            alike=tuple((str(one.id), one.name) for one in weighed.alike),
            held=weighed.count,
            quota=weighed.quota,
            rules=rules_said(inquiry, work, visit),
            missing=inquiry.missing,
            agreed_by=first_approver(work, request),
            agreed_at=request.agreed_at,
            mine_to_approve=_is_mine_to_approve(work, request),
        )


def approved(done: Decided) -> str:
    """Return the sentence for whoever approved a token of a `name`."""
    return N_("Approved: %(name)s works from now on.") if not done.missing else _FIRST


def _roles(work: Work, request: Request) -> tuple[str, ...]:
    try:
        member = directory.member(work.tx, request.organization, request.requester)
    except NotFound:
        return ()
    return tuple(one.name for one in member.roles)


def _is_mine_to_approve(work: Work, request: Request) -> bool:
    me = work.caller.user
    if request.state is not RequestState.OPEN or request.requester == me:
        return False
    if request.agreed_by != me:
        return True
    rules = directory.policy(work.tx, request.organization)
    return not needs_second(rules, work.vocabulary(), request.bounds.scopes)


def first_approver(work: Work, request: Request) -> str:
    """Return the name of who approved a request first, where two must; empty if nobody did."""
    first = request.agreed_by
    return "" if first is None else directory.user(work.tx, first).name


def compared(inquiry: Inquiry, weighed: Weighed, left: Scopes, work: Work) -> tuple[Line, ...]:
    """Return each scope that is asked for or already there, beside what becomes of what is left."""
    words, asked = work.vocabulary(), inquiry.request.bounds.scopes
    wanted = weighed.held if asked is None else asked
    spelled = [
        frozenset(words.spell(mask))
        for mask in (
            wanted,
            weighed.held,
            weighed.effective & left,
            weighed.present,
            _waiting(inquiry, wanted),
            wanted & left,
        )
    ]
    names = words.spell(wanted | weighed.present)
    return tuple(Line(name, *(name in one for one in spelled)) for name in names)


def _waiting(inquiry: Inquiry, wanted: Scopes) -> Scopes:
    """Return which of the scopes wait for an approval by the rules that ask for one.

    A rule that is about no scope, or about what may come, is about each.
    """
    found = NO_SCOPES
    for reason in inquiry.reasons:
        found |= reason.scopes or wanted
    return found & wanted

"""An API token as people read it: whose authority it takes, where it reaches, who edits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from counterfoil import directory
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope
from counterfoil.access.surface import spell_surfaces
from counterfoil.content import Lock, Thing, Wish
from counterfoil.content.model import SEPARATOR
from counterfoil.content.read import Listing, list_nodes, show_lineage
from counterfoil.content.steps import locking
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId, RoleId, UserId
from counterfoil.kernel.page import LARGEST
from counterfoil.kernel.sentence import Say
from counterfoil.operation import Work
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.sought import is_idle
from counterfoil.tokens.steps.authority import shows_drafts
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.web.views.flag_said import FlagView, flag_views


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a token to themselves; `mine` says whether that is the person who looks."""

    who: str
    mine: bool
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ApiTokenView:
    """An API token as it stands in one organization.

    Attributes:
        user: the user whose permissions it takes; None if it takes a role's, or nobody's yet.
        scopes: their names; None for all that its user or role may do.
        roots: what its root nodes are called, or their ids where one may not see them; None for
            everywhere.
        idle: whether nobody has used it for 90 days.
        begins_at: from when on it works, if that is still to come.
        shows_drafts: whether it shows drafts because its user may write (Q7).
    """

    id: str
    name: str
    hint: str
    version: int
    enabled: bool
    is_over: bool
    idle: bool
    built_in: bool
    user: str | None
    role: str | None
    subject: str
    scopes: tuple[str, ...] | None
    roots: tuple[str, ...] | None
    surfaces: tuple[str, ...]
    shows_drafts: bool
    created_at: datetime
    begins_at: datetime | None
    expires_at: datetime | None
    delivery_at: datetime | None
    management_at: datetime | None
    client: str
    lock: Held | None
    used: Used

    def flags(self, say: Say) -> list[FlagView]:
        """Return what it was flagged for, as it is read."""
        return flag_views(self.used, say)

    @property
    def nobody(self) -> bool:
        """Whether no user and no role is chosen, so that it answers 401 (Q9)."""
        return self.user is None and self.role is None


def views(work: Work, tokens: Iterable[Token]) -> list[ApiTokenView]:
    """Return what is shown of some API tokens."""
    several = tokens_told(work, tokens)
    here = work.caller.organization
    used = uses(work, [one.id for one in several])
    bounds = [one.grant_in(here).bounds for one in several]
    names = node_names(work, {root for one in bounds for root in one.roots or ()})
    return [_view(work, one, used[one.id], names) for one in several]


def node_names(work: Work, ids: set[NodeId]) -> dict[NodeId, str]:
    """Return what these nodes are called, of those that the caller sees."""
    if not ids or not work.caller.grant.reach(Scope.CONTENT_READ):
        return {}
    found: dict[NodeId, str] = {}
    every = sorted(ids)
    for start in range(0, len(every), LARGEST):
        wish = Wish(ids=tuple(every[start : start + LARGEST]))
        for one in list_nodes(work, Listing(wish, size=LARGEST, counted=False)).items:
            found[one.node.id] = one.node.slug or SEPARATOR
    return found


def root_paths(work: Work, token: Token) -> tuple[tuple[str, NodeId | None], ...]:
    """Return where its root nodes stand and what they are; only an id where one may not look."""
    roots = roots_told(work, token) or frozenset()
    seen = node_names(work, set(roots))
    return tuple(
        (_path(work, root), root) if root in seen else (str(root), None) for root in sorted(roots)
    )


def roots_told(work: Work, token: Token) -> Roots:
    """Return those of its root nodes that one is told of; None for everywhere."""
    (told,) = tokens_told(work, [token])
    return told.grant_in(work.caller.organization).bounds.roots


def _path(work: Work, root: NodeId) -> str:
    above = show_lineage(work, root)
    return SEPARATOR + SEPARATOR.join(one.node.slug for one in above if one.node.slug)


def holder(work: Work, lock: Lock) -> Held:
    """Return who has locked something, by name."""
    user = lock.holder.user
    who = lock.token_name or "" if user is None else directory.user(work.tx, user).name
    return Held(who, user is not None and user == work.caller.user, lock.ends_at)


def _view(work: Work, token: Token, used: Used, names: Mapping[NodeId, str]) -> ApiTokenView:
    grant = token.grant_in(work.caller.organization)
    roots, scopes = grant.bounds.roots, grant.bounds.scopes
    last, starts = used.last, grant.bounds.conditions
    lock = locking.lock_on(work, Thing.TOKEN, token.id)
    return ApiTokenView(
        id=str(token.id),
        name=token.name,
        hint=token.hint or "",
        version=token.version,
        enabled=grant.state is not State.DISABLED,
        is_over=token.expired(work.now),
        idle=is_idle(token, work.caller.organization, last, work.now),
        built_in=token.built_in,
        user=_user(work, token),
        role=_role(work, token),
        subject="" if token.subject is None else str(token.subject),
        scopes=None if scopes is None else work.vocabulary().spell(scopes),
        roots=None if roots is None else tuple(names.get(one, str(one)) for one in sorted(roots)),
        surfaces=spell_surfaces(grant.bounds.surfaces),
        shows_drafts=shows_drafts(work, token),
        created_at=token.created_at,
        begins_at=None if starts.begun(work.now) else starts.not_before,
        expires_at=token.expires_at,
        delivery_at=last.delivery_at if last else None,
        management_at=last.management_at if last else None,
        client=last.client if last else "",
        lock=None if lock is None else holder(work, lock),
        used=used,
    )


def _user(work: Work, token: Token) -> str | None:
    if token.authority != "user" or token.subject is None:
        return None
    return directory.name_in(work.tx, work.caller.organization, UserId(token.subject))


def _role(work: Work, token: Token) -> str | None:
    if token.authority != "role" or token.subject is None:
        return None
    try:
        return directory.role(work.tx, work.caller.organization, RoleId(token.subject)).name
    except NotFound:
        return None

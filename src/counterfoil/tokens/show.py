"""Reading: one's own tokens and requests, or everybody's for who may approve them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import NO_SCOPES, Scope, Scopes
from counterfoil.directory import Policy, User
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, RequestId, RoleId, TokenId, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.approval import Reason, reasons
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request, RequestState
from counterfoil.tokens.sought import ANY, NEWEST, Order, Sought
from counterfoil.tokens.steps.authority import terms_of
from counterfoil.tokens.steps.requests import missing, others_who_approve, who_decide
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import lists, requests, rows

_PERSONAL = (Kind.PERSONAL,)


@dataclass(frozen=True, slots=True)
class Seen:
    """A token with its last request, if it ever had one in this organization."""

    token: Token
    request: Request | None


@operation("token.show", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def show_token(work: Work, id_: TokenId) -> Seen:
    """Show a personal token, in whatever state: names and ends stay to be seen (G6)."""
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, _PERSONAL)
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    return Seen(token, requests.last_requests(work.tx, here, [id_]).get(id_))


@operation("token.list", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def list_tokens(
    work: Work,
    wanted: Wanted,
    owner: UserId | None,
    sought: Sought = ANY,
    order: Order = NEWEST,
) -> Page[Seen]:
    """List personal tokens in the organization: of one owner, or of all."""
    here = work.caller.organization
    work.permit(owner=owner)
    chosen = lists.Filter(_PERSONAL, owner=owner, sought=sought, order=order)
    found = lists.page(work.tx, here, wanted, chosen, work.now)
    asked = requests.last_requests(work.tx, here, [token.id for token in found.items])
    items = [Seen(token, asked.get(token.id)) for token in found.items]
    return Page(items, found.after, found.total)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A request with its token, who asks, and how many people could decide it (A8, A10d).

    `reasons` are the rules of the policy, as it is now, by which it must be approved; none of a
    request that waits no more. `missing` is how many people must still approve it (S22).
    """

    request: Request
    token: Token
    requester: User
    approvers: int
    reasons: tuple[Reason, ...] = ()
    missing: int = 0
    deciders: tuple[str, ...] | None = None


@operation("token_request.show", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def show_request(work: Work, id_: RequestId) -> Inquiry:
    """Show a request to who asked, or to who may approve it."""
    request = requests.request(work.tx, work.caller.organization, id_)
    permit_seen(work, request.requester, spell(Prefix.REQUEST, id_))
    inquiry = _inquiry(work, request, directory.policy(work.tx, request.organization))
    return replace(inquiry, deciders=_deciders(work, request))


@operation("token_request.list", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def list_requests(
    work: Work, wanted: Wanted, requester: UserId | None, state: RequestState | None = None
) -> Page[Inquiry]:
    """List requests in the organization, the newest first: of one requester, or of all."""
    work.permit(owner=requester)
    here = work.caller.organization
    found = requests.page(work.tx, here, wanted, requester, state)
    rules = directory.policy(work.tx, here)
    return Page([_inquiry(work, one, rules) for one in found.items], found.after, found.total)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks: a token, unless it is a session, and the user in whose name it acts.

    Attributes:
        lacks: the scopes that whoever is behind the token holds, and the token does not: what could
            be asked for.
        roles: what the roles are called behind it: its user's here, or the one that lends it.
    """

    token: Token | None
    user: User | None
    lacks: Scopes = NO_SCOPES
    roles: tuple[str, ...] = ()


@operation("token.show_self", requires=None, methods=ANY_CALLER, surface=None, reads=True)
def show_self(work: Work) -> Holder:
    """Show the token that the caller holds, and who they are: each may read itself (S17)."""
    caller = work.caller
    user = None if caller.user is None else directory.user(work.tx, caller.user)
    if caller.token is None or caller.method is Method.SESSION:
        work.permit()
        return Holder(None, user, roles=_roles(work, None))
    work.permit(target=spell(Prefix.TOKEN, caller.token))
    kinds = (Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED)
    token = rows.token(work.tx, caller.organization, caller.token, kinds)
    return Holder(token, user, _lacks(work, token), _roles(work, token))


def _lacks(work: Work, token: Token) -> Scopes:
    """Return what its owner, or its role, has beyond it; nothing for what no edit widens."""
    if token.kind is Kind.EXCHANGED:
        return NO_SCOPES
    behind = Grant(terms_of(work, token.authority, token.subject))
    return behind.scopes & ~work.caller.grant.scopes


def _roles(work: Work, token: Token | None) -> tuple[str, ...]:
    """Return what the roles behind the caller are called; none where nobody is a member."""
    here = work.caller.organization
    try:
        if work.caller.user is not None:
            held = directory.member(work.tx, here, work.caller.user).roles
        elif token is not None and token.authority == "role" and token.subject is not None:
            held = (directory.role(work.tx, here, RoleId(token.subject)),)
        else:
            held = ()
    except NotFound:
        held = ()
    return tuple(role.name for role in held)


def _inquiry(work: Work, request: Request, rules: Policy) -> Inquiry:
    token = rows.token(work.tx, request.organization, request.token, _PERSONAL)
    approvers = others_who_approve(work, request.organization, request.requester)
    requester = directory.user(work.tx, request.requester)
    return Inquiry(
        request, token, requester, approvers,
        _reasons(work, request, token, rules), missing(work, request, rules),
    )  # fmt: skip


def _deciders(work: Work, request: Request) -> tuple[str, ...]:
    able = who_decide(work, request)
    names = directory.user_names(work.tx, request.organization, able)
    return tuple(names[one] for one in able)


def _reasons(work: Work, request: Request, token: Token, rules: Policy) -> tuple[Reason, ...]:
    """Return why a request waits, by the rules of now; of who left nothing waits."""
    if request.state is not RequestState.OPEN or work.now >= request.lapses_at:
        return ()
    try:
        member = directory.member(work.tx, request.organization, request.requester)
    except NotFound:
        return ()
    life = (token.created_at, request.expires_at)
    return reasons(rules, member, work.vocabulary(), request.bounds.scopes, life)

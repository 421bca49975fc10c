"""What an API token or a member can do now, for whoever looks at content as they would see it."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import Prefix, RoleId, TokenId, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import require_administrator
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.store import rows


@operation("api_token.look_as", requires=Scope.TOKENS_MANAGE, reads=True)
def look_as(work: Work, id_: TokenId) -> Grant:
    """Return what an API token can do now; nothing unless it is in force.

    Raises:
        Denied: INSUFFICIENT_ROLE if it reaches further than the caller: nobody sees more through a
            token than they see themselves (I3).
    """
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (Kind.SERVICE,))
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    grant = token.grant_in(here)
    effective = grant.bounds.of(_terms(work, token) if token.in_force(here, work.now) else ())
    if not _lies_inside(work, effective):
        raise Denied(Code.INSUFFICIENT_ROLE, "This token reaches further than you do yourself.")
    return effective


@operation("member.look_as", requires=Scope.USERS_READ, reads=True)
def look_as_member(work: Work, id_: UserId) -> Grant:
    """Return what a member can do here now; nothing of who is away.

    Raises:
        Denied: INSUFFICIENT_ROLE if they reach further than the caller (I3).
    """
    work.permit(target=spell(Prefix.USER, id_))
    effective = Grant(directory.member(work.tx, work.caller.organization, id_).terms)
    if not _lies_inside(work, effective):
        raise Denied(Code.INSUFFICIENT_ROLE, "This user reaches further than you do yourself.")
    return effective


def _lies_inside(work: Work, grant: Grant) -> bool:
    return policy.lies_inside(
        grant, work.caller.grant, lineage_of(work.tx, work.caller.organization)
    )


def _terms(work: Work, token: Token) -> tuple[Term, ...]:
    """Return what the user or role behind it may do now; nothing of who is away (Q18)."""
    here, subject = work.caller.organization, token.subject
    if subject is None:
        return ()
    try:
        if token.authority == "role":
            return (directory.role(work.tx, here, RoleId(subject)).term,)
        return directory.member(work.tx, here, UserId(subject)).terms
    except NotFound:
        return ()

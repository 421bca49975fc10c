"""What takes a leaver's permissions takes somebody else's from now on, all of it at once.

API tokens and pairs are the organization's: they go on, with the secret that is in use, by the
permissions of a service user as a rule, who never leaves. A person's own tokens are nobody else's,
and end with them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.content import Thing
from counterfoil.content.steps import locking
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import require_administrator
from counterfoil.tokens.steps.change import settled
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.store import lists, rows
from counterfoil.tokens.store.behind import resting_on

FIELD: Final = "/data/relationships/user/data/id"
_KINDS: Final = (Kind.SERVICE, Kind.CLIENT)


def hand_over(work: Work, id_: UserId, to: UserId) -> list[Token]:
    """Have all API tokens and pairs that rest on a member rest on another one; return them.

    What was given for a pair meanwhile ends: whoever uses the pair asks anew. Each of them has an
    entry of its own in the trail.

    Raises: as `find_heir` and `pass_on`.
    """
    heir = find_heir(work, id_, to)
    found = resting_on(work.tx, work.caller.organization, "user", [id_], work.now)
    return [pass_on(work, one.id, heir) for one in found if one.kind in _KINDS]


@operation("member.hand_over", requires=Scope.TOKENS_MANAGE, fresh=True)
def find_heir(work: Work, id_: UserId, to: UserId) -> Member:
    """Return who takes over what rests on a member.

    Raises:
        NotFound: for who is no member.
        Invalid: naming the user, for one who cannot lend permissions here, or the same one.
    """
    here = work.caller.organization
    directory.member(work.tx, here, id_)
    work.permit(target=spell(Prefix.USER, id_))
    require_administrator(work)
    try:
        heir: Member | None = directory.member(work.tx, here, to)
    except NotFound:
        heir = None
    if heir is None or not heir.active or to == id_:
        raise Invalid(
            Code.INVALID_FIELD,
            "Choose another active member of this organization.",
            field=FIELD,
        )
    return heir


@operation("token.pass_on", requires=Scope.TOKENS_MANAGE, fresh=True)
def pass_on(work: Work, id_: TokenId, heir: Member) -> Token:
    """Have an API token or a pair take the permissions of somebody else from now on.

    Raises:
        Denied: INSUFFICIENT_ROLE for what would then reach further than the caller.
        Conflict: if somebody edits it just now.
    """
    here = work.caller.organization
    token = rows.hold(work.tx, here, id_, _KINDS)
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    if token.kind is Kind.SERVICE:
        locking.require_unlocked(work, Thing.TOKEN, token.id)
    else:
        end(work, lists.children(work.tx, token))
    bounds, at = token.grant_in(here).bounds, lineage_of(work.tx, here)
    if not policy.lies_inside(bounds.of(heir.terms), work.caller.grant, at):
        raise Denied(Code.INSUFFICIENT_ROLE, "This reaches further than you do yourself.")
    return settled(work, token, replace(token, subject=heir.user))

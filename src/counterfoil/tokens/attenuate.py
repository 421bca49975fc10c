"""A personal token is exchanged for a narrower one that lives for an hour at most (RFC 8693).

What comes of it has no authority of its own. It takes that of its parent, which the gates look up
at each request as if the parent had been presented, and narrow by what is written here: so it loses
what its parent loses, by whatever road. It is no personal token: no quota counts it, nobody
approves it, and it is not exchanged again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.roots import Roots
from counterfoil.access.scope import NO_SCOPES, Scopes
from counterfoil.kernel.errors import Code, Denied, Invalid
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.steps.patience import require_patience
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.steps.record import Issued, issue
from counterfoil.tokens.store import rows

LONGEST: Final = timedelta(hours=1)


def as_bearer(token: Token, credential: bytes) -> Caller:
    """Return who shows a token at the token endpoint: what they may do, the gate says."""
    return Caller(
        organization=token.organization,
        user=token.owner,
        method=Method.PERSONAL,
        grant=Grant(()),
        token=token.id,
        token_name=token.name,
        credential=credential,
    )


@operation("token.attenuate", requires=None, methods=frozenset({Method.PERSONAL}), surface=None)
def attenuate(
    work: Work, scopes: Scopes | None = None, roots: Roots = None, life: timedelta = LONGEST
) -> Issued:
    """Give a token for the personal one that calls: for some of its scopes and roots, or for all.

    It holds no more than its parent holds now, also if that is given more meanwhile.

    Raises:
        Denied: CREDENTIAL_KIND_NOT_ADMITTED for what was exchanged itself; POLICY_BLOCKED.
        Limited: RATE_LIMIT_EXCEEDED.
        Invalid: naming the scope or root that the parent does not reach.
    """
    caller = work.caller
    if caller.token is None or caller.parent is not None:
        raise Denied(
            Code.CREDENTIAL_KIND_NOT_ADMITTED, "What was exchanged is not exchanged again."
        )
    parent = rows.hold(work.tx, caller.organization, caller.token, (Kind.PERSONAL,))
    work.permit(target=spell(Prefix.TOKEN, parent.id))
    if not directory.policy(work.tx, caller.organization).exchange_allowed:
        raise Denied(Code.POLICY_BLOCKED, "The policy lets no personal token be exchanged.")
    require_patience(work.tx, parent, work.now)
    new = Token(
        id=TokenId(work.new_id()),
        organization=parent.organization,
        kind=Kind.EXCHANGED,
        name=parent.name,
        authority="token",
        subject=parent.id,
        position=work.head(),
        created_at=work.now,
        grants=(
            TokenGrant(caller.organization, State.ACTIVE, _bounds(work, parent, scopes, roots)),
        ),
        owner=parent.owner,
        expires_at=min(filter(None, (work.now + min(life, LONGEST), parent.expires_at))),
        parent=parent.id,
    )
    work.aims_at(spell(Prefix.TOKEN, new.id))
    return issue(work, new)


def _require_held(work: Work, scopes: Scopes | None, roots: Roots) -> None:
    at = lineage_of(work.tx, work.caller.organization)
    words, held = work.vocabulary(), work.caller.grant
    above = (scopes or NO_SCOPES) & ~policy.grantable(held.terms, roots, at, words)
    if above:
        names = words.name(above)
        raise Invalid(
            Code.SCOPE_ABOVE_ROLE,
            sentence("The token itself does not hold %(scopes)s there.", scopes=", ".join(names)),
            field="/data/attributes/scopes",
            meta={"scopes": list(names)},
        )


def _bounds(work: Work, parent: Token, scopes: Scopes | None, roots: Roots) -> Bounds:
    """Return what is written of the new token: what its parent holds now, or the part asked for."""
    held, own = work.caller.grant, parent.grant_in(work.caller.organization).bounds
    at = lineage_of(work.tx, work.caller.organization)
    policy.require_roots(roots, held, at)
    _require_held(work, scopes, roots)
    return Bounds(
        scopes=held.scopes if scopes is None else scopes,
        roots=own.roots if roots is None else roots,
        surfaces=held.surfaces,
        ceiling=own.ceiling if roots is None else None,
    )

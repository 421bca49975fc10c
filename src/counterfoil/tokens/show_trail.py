"""The audit trail of one personal token, for its owner too."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded, Sought, trail
from counterfoil.kernel.ids import Prefix, TokenId, spell, spellings
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import Work, only_look, operation
from counterfoil.secret import Kind
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import rows


class Side(StrEnum):
    """Which of its two trails is wanted."""

    TO = "to"
    """What was done to it, and by whom; who was let look at it is left out."""
    WITH = "with"
    """What was done with it."""


@operation("token.show_trail", requires=Scope.AUDIT_READ, owner=True, reads=True)
def show_trail(work: Work, id_: TokenId, side: Side, wanted: Wanted) -> Page[Recorded]:
    """List what was done to a personal token here, or with it, the latest first.

    From where somebody else did it, and by which client, only who reads the audit trail is told.
    """
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (Kind.PERSONAL,))
    target = spell(Prefix.TOKEN, id_)
    permit_seen(work, token.owner, target, by=Scope.AUDIT_READ)
    done_to = Sought(targets=spellings(target), beside=only_look())
    sought = Sought(token=id_) if side is Side.WITH else done_to
    found = trail(work.tx, here, directory.trail_told(work, sought), wanted)
    if side is Side.WITH or work.caller.grant.scopes & Scope.AUDIT_READ.bit:
        return found
    return replace(found, items=[_told_to(work, one) for one in found.items])


def _told_to(work: Work, one: Recorded) -> Recorded:
    if one.user == work.caller.user:
        return one
    return replace(one, address="", agent="", request_id="")

"""What a pair must meet that is asked for something: its own conditions, and its organization's."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.conditions import Conditions
from counterfoil.operation import Work
from counterfoil.tokens.model import Token


def require_met(work: Work, pair: Token) -> None:
    """Return if a pair may be shown now, and from there, as a token of it could be.

    No gate has seen it: what a gate asks of every token is asked of it here.

    Raises:
        Refused: TOKEN_NOT_YET_VALID.
        Denied: IP_NOT_ALLOWED.
    """
    fence = Conditions(networks=directory.policy(work.tx, pair.organization).networks)
    own = pair.grant_in(pair.organization).bounds.conditions
    own.meet(fence).require(work.now.timestamp(), work.origin.address)

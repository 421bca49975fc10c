"""Tokens of another system are taken over by their hashes: who has one goes on using it.

The operator does it at the machine, and no request does: whoever says a hash has chosen a secret
(Q5). It makes an API token like any other, bounded, narrowed by a live role, and revoked as one.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from counterfoil.access.caller import Method
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work, operation
from counterfoil.secret import Foreign, Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.issue import drawn
from counterfoil.tokens.steps.record import keep
from counterfoil.tokens.store import secrets
from counterfoil.tokens.wish import Wish

FEWEST_BITS: Final = 112
"""Of what is guessed more easily, a plain hash would be no protection (S6)."""


def holder_of_foreign(tx: Connection, foreign: Foreign) -> tuple[OrganizationId, TokenId] | None:
    """Return which token has a foreign secret now; None for none."""
    return secrets.token_of(tx, foreign.digest)


@operation("api_token.take_over", requires=None, methods=frozenset({Method.SYSTEM}))
def take_over(work: Work, wish: Wish, foreign: Foreign, random_bits: int) -> Token:
    """Make an API token that opens to a secret which another system minted.

    Args:
        work: the operator's.
        wish: what it may do, by whose authority, and until when.
        foreign: the hash of the secret.
        random_bits: how many random bits that system put into it, by the operator's word: a hash
            does not tell.

    Raises:
        Invalid: for fewer than 112 bits, and as for every API token.
        Conflict: if the secret is, or was, that of some token here. A revoked one stays so.
    """
    work.permit()
    if random_bits < FEWEST_BITS:
        raise Invalid(
            Code.INVALID_FIELD,
            sentence(
                "A token with %(bits)s random bits can be guessed: %(fewest)s is the least.",
                bits=random_bits,
                fewest=FEWEST_BITS,
            ),
            field="/data/attributes/bits",
        )
    if secrets.owners(work.tx, [foreign.digest]):
        raise Conflict(Code.CONFLICT, "The secret of this hash is or was one here already.")
    new = drawn(work, wish, Kind.SERVICE)
    work.note(f"taken over by its SHA-256, of {random_bits} random bits")
    return keep(work, new, foreign)

"""A token is called in by the operator, because nobody can say whether it still holds (R12)."""

from __future__ import annotations

from counterfoil.access.caller import Method
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.record import tell
from counterfoil.tokens.store import rows, secrets
from counterfoil.tokens.store.at_home import EVERY_KIND


@operation(
    "token.recall", requires=None, methods=frozenset({Method.SYSTEM}), surface=None, vital=True
)
def recall(work: Work, id_: TokenId, why: str) -> Token:
    """Revoke a token of the organization for good, wherever it speaks.

    What every organization begins with stays, without a secret until somebody asks for another.
    """
    token = rows.hold(work.tx, work.caller.organization, id_, EVERY_KIND)
    work.permit(target=spell(Prefix.TOKEN, id_))
    work.note(why)
    if not token.built_in:
        return end(work, [token])[0]
    tell(work, token, secrets.retire(work.tx, id_, work.now))
    return token

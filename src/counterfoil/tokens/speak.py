"""A pair speaks for itself, where its client shows it and wants no token (RFC 7662 §2.1).

It is let in nowhere else, and may do there what a token that it is exchanged for might do now.
"""

from __future__ import annotations

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import UserId
from counterfoil.office import Office
from counterfoil.secret import Kind, digest, kind_of
from counterfoil.tokens.exchange import as_client, pair_for, require_in_force
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import terms_of
from counterfoil.tokens.steps.fence import require_met


def speak(office: Office, client_id: str, secret: str, origin: Origin) -> Caller:
    """Return who shows a pair, with what it may do now.

    Raises:
        Refused: there is no such pair, whatever is wrong with id or secret; or it is not in force.
        Denied: IP_NOT_ALLOWED.
        Unserved: QUARANTINED, where nobody acts.
    """
    if kind_of(secret, office.prefix) is not Kind.CLIENT:
        raise Refused
    with office.database.reading() as tx:
        pair = pair_for(tx, client_id, digest(secret))
    client = office.verify_again(as_client(pair), origin.address)
    with office.read(client, origin) as work:
        require_in_force(work, pair)
        grant = pair.grant_in(pair.organization).bounds.of(
            terms_of(work, pair.authority, pair.subject)
        )
        require_met(work, pair)
    return Caller(
        organization=pair.organization,
        user=_person(pair),
        method=Method.EXCHANGED,
        grant=grant,
        token=pair.id,
        token_name=pair.name,
    )


def _person(pair: Token) -> UserId | None:
    if pair.authority != "user" or pair.subject is None:
        return None
    return UserId(pair.subject)

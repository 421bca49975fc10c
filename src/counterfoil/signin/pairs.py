"""What the tokens slice does for our endpoints: pairs of id and secret, and tokens given up."""

from __future__ import annotations

from counterfoil.access.caller import Origin
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.operation import Office
from counterfoil.signin.policy import said


def client_credentials(asked: Asked, form: dict[str, str]) -> Answer:
    """Exchange a key-and-secret pair for a short-lived token (A15)."""
    del asked, form
    raise said("unsupported_grant_type", "This grant type is not supported.")


def give_up_token(office: Office, digested: bytes, origin: Origin) -> int | None:
    """Revoke a token of the tokens slice by its digest; return the feed's position."""
    del office, digested, origin
    return None

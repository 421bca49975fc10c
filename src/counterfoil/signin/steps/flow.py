"""What a provider is asked with, made of the two tickets of a flow."""

from __future__ import annotations

from counterfoil.runtime.provider import Asking
from counterfoil.signin.model import Flow
from counterfoil.signin.ticket import derive


def redirect_uri(base: str, provider: str) -> str:
    """Return where a provider answers: an address of its own, so that none can answer for another.

    It is the same to the letter whenever it is said.
    """
    return f"{base}/signin/oidc/{provider}/callback"


def asking(flow: Flow, base: str, state: str, ticket: str) -> Asking:
    """Return the question of a flow, made of the ticket that comes back and the cookie's."""
    return Asking(
        redirect_uri=redirect_uri(base, flow.provider),
        state=state,
        nonce=derive(b"nonce", ticket, state),
        verifier=derive(b"verifier", ticket, state),
        asked_at=flow.begun_at,
        max_age_s=flow.max_age_s,
    )

"""The gate in front of the office: who is asking, before anybody asks what.

It verifies what a request presents and lets the request through with the caller, or with the
refusal. The desk raises that refusal unless the door is open to anybody; so each address says it in
its own dialect, and an unknown address is unknown to whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from counterfoil.gate.credential import present
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.desk import CALLER, REFUSAL
from counterfoil.jsonapi.guard import Application, StartResponse
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix


class Reception:
    """Verifies, in front of an application."""

    def __init__(self, verifier: Verifier, inner: Application, prefix: str) -> None:
        self._verifier = verifier
        self._inner = inner
        self._prefix = prefix

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        try:
            presented = present(environ, self._prefix)
            if presented is not None:
                environ[CALLER] = self._verifier.verify(presented, _organization(environ))
        except CounterfoilError as error:
            environ[REFUSAL] = error
        return self._inner(environ, start_response)


def _organization(environ: dict[str, Any]) -> OrganizationId | None:
    """Return where the caller wants to act, if they say so."""
    named = environ.get("HTTP_COUNTERFOIL_ORGANIZATION")
    if named is None:
        return None
    try:
        return OrganizationId(ids.read(Prefix.ORGANIZATION, named))
    except NotFound:
        raise Denied(Code.NOT_A_MEMBER, "You are no member there.") from None

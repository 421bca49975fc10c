"""The OAuth doors of an agency, as another server and its client see them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from falcon.testing import Result, TestClient

from counterfoil.app.counting import counting
from counterfoil.app.gate import gate_before
from counterfoil.app.limits import Ledger
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.route import Route, spoken_in
from counterfoil.jsonapi.wsgi import router
from counterfoil.operation import OPERATIONS
from counterfoil.secret import Secret
from counterfoil.signin.doors import discovery, introspection, oauth
from counterfoil.tokens.doors import current
from counterfoil.tokens.steps.record import Issued
from support.conformance import Conformance
from support.tokens import Agency

ROUTES: tuple[Route, ...] = (
    *oauth.ROUTES,
    *introspection.ROUTES,
    *discovery.ROUTES,
    *current.ROUTES,
)
HOST = "localhost:8400"
NOTHING: Mapping[str, str] = {}
HERE = f"http://{HOST}"


class Doors:
    """HTTP through guard, gate and desk, as they stand in front of an installation."""

    def __init__(self, agency: Agency, limits: Ledger | None = None) -> None:
        hall = agency.hall
        count: Callable[..., None] = (lambda *_: None) if limits is None else limits.count
        inner = router(ROUTES, Desk(agency.office, count), OPERATIONS)
        gate = gate_before(inner, agency.office, hall.verifier, hall.replica, hall.source)
        guard = Guard(
            gate,
            hall.entropy,
            lambda *_: None,
            spoken_in(ROUTES),
            count=counting(hall.usage, ROUTES, OPERATIONS),
        )
        self.app = Conformance(guard, ROUTES, OPERATIONS)
        self._client = TestClient(self.app)

    def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> Result:
        """Send a request."""
        sent = {"Host": HOST, **headers}
        body = None
        if form is not None:
            sent["Content-Type"], body = FORM_TYPE, urlencode(form)
        return self._client.simulate_request(method, path, body=body, headers=sent)

    def raw(self, method: str, path: str, body: str | None, type_: str) -> Result:
        """Send exactly this body."""
        headers = {"Host": HOST, "Content-Type": type_}
        return self._client.simulate_request(method, path, body=body, headers=headers)

    def introspect(self, by: Mapping[str, str], token: Secret | str, **form: str) -> Result:
        """Ask about a token."""
        text = token.reveal() if isinstance(token, Secret) else token
        return self.ask("POST", "/oauth/introspect", {"token": text, **form}, by)


def bearing(made: Any) -> dict[str, str]:
    """Return the header of who carries a token."""
    return {"Authorization": f"Bearer {made.secret.reveal()}"}


def showing(pair: Issued, id_: str = "", secret: str = "") -> dict[str, str]:
    """Return the header of who shows a pair."""
    shown = f"{id_ or pair.token.id}:{secret or pair.secret.reveal()}"
    return {"Authorization": "Basic " + base64.b64encode(shown.encode()).decode()}

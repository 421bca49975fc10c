"""An installation that was put back: how its tokens are answered."""

from __future__ import annotations

from falcon.testing import TestClient

from counterfoil.app.build import App, build
from counterfoil.runtime.settings import Settings


def asked(app: App, method: str, token: str) -> int:
    """Return the status of what a token is told of itself."""
    headers = {"Authorization": f"Bearer {token}"}
    told = TestClient(app.wsgi).simulate_request(method, "/cma/token", headers=headers)
    return int(told.status_code)


def shown(settings: Settings, tokens: list[str]) -> list[int]:
    """Return how tokens are answered by an installation that starts anew."""
    app = build(settings)
    try:
        return [asked(app, "GET", token) for token in tokens]
    finally:
        app.close()

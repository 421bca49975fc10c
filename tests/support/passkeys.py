"""A browser with an authenticator of its own, at an address at which passkeys count."""

from __future__ import annotations

from collections.abc import Callable

from infra.server import Server
from support.browse import At, signed_in
from support.sample import Sample

_LIKE_A_TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def at_localhost(
    browse: Callable[..., At], house: Server, seeded: Sample, name: str | None = None
) -> At:
    """Open a browser for a person, or for nobody, at a host with a name."""
    page, here = browse().page, f"http://localhost:{house.port}"
    if name is not None:
        ticket = signed_in(house, seeded, name)
        page.context.add_cookies([{"name": ticket["name"], "value": ticket["value"], "url": here}])
    return At(page, here)


def give_authenticator(at: At) -> None:
    """Give a page's browser an authenticator that knows its person and says yes."""
    line = at.page.context.new_cdp_session(at.page)
    line.send("WebAuthn.enable")
    line.send("WebAuthn.addVirtualAuthenticator", {"options": _LIKE_A_TELEPHONE})


def add_passkey(at: At, name: str) -> None:
    """Add a passkey to whoever is signed in, as they do it."""
    at.goto("/settings/security")
    at.page.get_by_role("link", name="Add a passkey").click()
    at.page.get_by_label("Name").fill(name)
    at.page.get_by_role("button", name="Create the passkey").click()

"""A browser with an authenticator of its own, at an address at which passkeys count."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from counterfoil import directory
from counterfoil.demo.seed import Seeder
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import OrganizationId, RoleId
from counterfoil.runtime.settings import Settings
from counterfoil.signin import invite
from infra.server import Server
from support.browse import At, signed_in
from support.office import ORIGIN
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


def invited(data_dir: Path, name: str) -> str:
    """Enrol somebody in the sample, while it is served, and return their one-time code."""
    kept = json.loads((data_dir / "sample.json").read_text())
    here = OrganizationId(int(kept["organization"]["id"]))
    role = RoleId(int(kept["roles"]["reader"]))
    with (
        closing(Seeder(Settings(data_dir=data_dir))) as seeder,
        seeder.office.work(directory.operator(here), ORIGIN) as work,
    ):
        newcomer = Newcomer(name, f"{name.lower()}@harbour.example")
        return invite(work, enroll(work, newcomer, [role]).user.id).code.reveal()

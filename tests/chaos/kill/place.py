"""A place in which something is about to happen: an installation, and what its actors know."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias

from werkzeug.test import Client, TestResponse

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.app.build import App, build
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import instant, micros, system_clock
from counterfoil.runtime.settings import Settings
from counterfoil.signin import digest_password, set_password
from support.installation import EMAIL, PASSWORD, Installed, admin_again, install, trusting
from support.office import StandingClock
from support.signed_in import sign_in

Ask: TypeAlias = Callable[..., TestResponse]
"""Asks: a method, a path, who by their credential; and what else werkzeug's client takes."""

_BEN: Final = "ben@acme.test"
_SEED: Final = 7


@dataclass(frozen=True)
class Place:
    """It.

    Attributes:
        folder: holds the data directory `office`, and beside it what is known, and was told.
        url: of its database; empty for the embedded one.
    """

    folder: Path
    url: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "office", database_url=self.url)

    @property
    def told(self) -> Path:
        """The file that holds the answer, once there is one."""
        return self.folder / "told"

    @cached_property
    def known(self) -> dict[str, Any]:
        """Return what is known: ids, credentials, and what time it is."""
        found: dict[str, Any] = json.loads((self.folder / "known").read_text())
        return found

    def opened(self, dice: int = _SEED) -> App:
        """Open it, where time stands still and the dice fall as they always do."""
        clock = StandingClock()
        clock.now = instant(self.known["now"])
        return build(self.settings, clock, random.Random(dice).randbytes)

    def copied(self, to: Path, url: str = "") -> Place:
        """Return another one like it; whoever names a database has copied it there."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to)
        return Place(to, url)


Copy: TypeAlias = Callable[[Place], Place]
"""Copies a place, with its database."""


def asking(app: App) -> Ask:
    """Return who asks an office, through its doors."""
    client = Client(app.wsgi, use_cookies=False)

    def ask(method: str, path: str, token: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **more)

    return ask


def furnished(folder: Path, url: str = "") -> Place:
    """Make one: with a manager, a request that waits, tokens, and a node that can be moved."""
    place = Place(folder, url)
    made = install(place.settings.data_dir, database_url=url)
    with closing(build(made.settings)) as app:
        _enrol(app, made)
        known = _settled(app, made)
    (folder / "known").write_text(json.dumps(known))
    return place


def _enrol(app: App, made: Installed) -> None:
    """Have Ada approve whatever anybody asks for, and Ben ask."""
    office, ada = trusting(app), admin_again(app, made)
    with office.work(ada, Origin("kill")) as work:
        version = directory.policy(work.tx, made.organization).version
        edit_policy(work, version, {"approval": "everybody"})
        ben = enroll(work, Newcomer("Ben", _BEN), [made.admin])
    with office.work(directory.operator(made.organization), Origin("kill")) as work:
        set_password(work, ben.user.id, digest_password(PASSWORD, office.entropy))


def _settled(app: App, made: Installed) -> dict[str, Any]:
    ask, [manager] = asking(app), made.tokens
    ada, ben = (sign_in(app.wsgi, who, PASSWORD) for who in (EMAIL, _BEN))

    def begun(method: str, path: str, token: str, body: object) -> dict[str, Any]:
        seen = ask(method, path, token, json={"data": body})
        assert seen.status_code in {201, 202}, seen.text
        found: dict[str, Any] = seen.get_json()["data"]
        return found

    def folder(slug: str, parent: str) -> str:
        return str(begun("POST", "/cma/nodes", manager, node(parent, slug=slug))["id"])

    def lent(name: str, roots: list[str] | None) -> dict[str, Any]:
        return begun("POST", "/cma/api_tokens", manager, api_token(name, made.admin, roots))

    here, there = folder("here", str(made.root)), folder("there", str(made.root))
    leaf = folder("leaf", here)
    asked = begun("POST", "/cma/personal_access_tokens", ben, personal_token("laptop"))
    waiting = ask("GET", "/cma/token_requests", ada).get_json()["data"][0]
    tokens = {name: lent(name, None) for name in ("turning", "doomed")}
    rooted = lent("rooted", [here])
    return {
        "now": micros(system_clock()),
        "ada": ada,
        "ben": ben,
        "manager": manager,
        "pending": secret_of(asked),
        "request": waiting["id"],
        "version": waiting["attributes"]["version"],
        "ids": {name: one["id"] for name, one in tokens.items()},
        "secrets": {name: secret_of(one) for name, one in {**tokens, "rooted": rooted}.items()},
        "leaf": leaf,
        "there": there,
    }


def secret_of(token: dict[str, Any]) -> str:
    """Return the secret that was shown with a token."""
    return str(token["attributes"]["token"])


def node(parent: str, **attributes: str) -> dict[str, Any]:
    """Return a folder below another one, as it is asked for."""
    return {
        "type": "node",
        "attributes": {"kind": "folder", **attributes},
        "relationships": {"parent": {"data": {"type": "node", "id": parent}}},
    }


def personal_token(name: str) -> dict[str, Any]:
    """Return a personal token, as it is asked for."""
    return {
        "type": "personal_access_token",
        "attributes": {"name": name, "scopes": ["content:read"], "surfaces": ["management"]},
    }


def api_token(name: str, role: int, roots: list[str] | None) -> dict[str, Any]:
    """Return an API token, as it is asked for."""
    return {
        "type": "api_token",
        "attributes": {"name": name, "roots": roots, "surfaces": ["management"]},
        "relationships": {"role": {"data": {"type": "role", "id": str(role)}}},
    }

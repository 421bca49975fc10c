"""Examples about what no request of the reference makes, or that only one person can send."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.demo.walk import Walk
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.ids import UserId, new_id
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin.model import Outside, Passkey
from counterfoil.signin.store import outside, passkeys
from counterfoil.web.views.reference_example import Example
from counterfoil.web.views.reference_example import example_of as shown_of
from infra.server import Server
from support.colleague import PASSWORD, invited_elsewhere
from support.examples import real
from support.sample import Sample, Talker
from support.stock import Stock, example_of
from support.web import seeder_of


@dataclass(frozen=True)
class Scene:
    """A server with the sample, and what there is in it."""

    server: Server
    stock: Stock
    sample: Sample

    @property
    def talker(self) -> Talker:
        """Who speaks to the server as nobody."""
        return Talker(self.server.port)

    def sign_in(self, email: str, password: str) -> str:
        """Sign somebody in; return what their client bears."""
        with closing(Walk(self.server.url, tell=lambda _line: None)) as walk:
            return walk.sign_in(email, email, password)


Staged: TypeAlias = tuple[Example, str]
"""A request, and what who sends it bears; nothing for the admin."""


def staged(route: Route, scene: Scene) -> Staged:
    """Return the request that the reference shows, about things that are there."""
    rare = _RARE.get(route.name)
    if rare is not None:
        return rare(scene, replace(shown_of(route)))
    return real(route, scene.stock, scene.sample), ""


def _about(example: Example, id_: str) -> Example:
    at = example.address
    return replace(example, address=at.replace(at.split("/")[3], id_))


def _guest(scene: Scene) -> tuple[str, str, str]:
    """Let there be somebody new; return their address, what they bear, and the code they have."""
    _, email, code = invited_elsewhere(scene.sample.directory)
    return email, scene.sign_in(email, PASSWORD), code


def _session(scene: Scene, example: Example) -> Staged:
    """Somebody signs in once more, and that session is ended."""
    email, bearer, _ = _guest(scene)
    before = _ids(scene, bearer, "/cma/sessions")
    scene.sign_in(email, PASSWORD)
    new = min(_ids(scene, bearer, "/cma/sessions") - before)
    return _about(example, new), bearer


def _ids(scene: Scene, bearer: str, path: str) -> set[str]:
    return {one["id"] for one in scene.talker.bearing(bearer)("GET", path).body["data"]}


def _user(tx: Connection, email: str) -> UserId:
    found = directory.user_by_email(tx, email)
    assert found is not None
    return found.id


def _account(scene: Scene, example: Example) -> Staged:
    """Somebody is known by an account elsewhere, which a provider would have vouched for."""
    email, bearer, _ = _guest(scene)
    with closing(seeder_of(scene.sample.directory)) as seeder:
        office = seeder.office
        now, id_ = office.clock(), new_id(office.entropy)
        with office.database.transaction(NOBODY) as tx:
            who = _user(tx, email)
            assert outside.keep(tx, Outside(id_, who, "https://id.test", str(id_), now, now))
    return _about(example, str(id_)), bearer


def _passkey(scene: Scene, example: Example) -> Staged:
    """Somebody has a passkey, which an authenticator would have made."""
    email, bearer, _ = _guest(scene)
    with closing(seeder_of(scene.sample.directory)) as seeder:
        office = seeder.office
        now, id_ = office.clock(), new_id(office.entropy)
        with office.database.transaction(NOBODY) as tx:
            who = _user(tx, email)
            assert passkeys.keep(tx, Passkey(id_, who, office.entropy(16), b"-", 0, "mine", now))
    return _about(example, str(id_)), bearer


def _invited(scene: Scene, example: Example) -> Staged:
    """Another organization invites somebody, who alone can answer."""
    _, bearer, code = _guest(scene)
    [invitation] = _ids(scene, bearer, "/cma/invitations")
    body = example.body and example.body.replace("cfi_EXAMPLE", code)
    return replace(_about(example, invitation), body=body), bearer


def _job(scene: Scene, example: Example) -> Staged:
    """Many records are published at once, which DatoCMS's client is told of as of a job."""
    body = scene.stock.filled(example_of("POST", "/datocms/items/bulk/publish"))
    begun = scene.stock.admin("POST", "/datocms/items/bulk/publish", body)
    return _about(example, begun.body["data"]["id"]), ""


def _upload(scene: Scene, example: Example) -> Staged:
    """A file goes where the answer to an upload request says."""
    asked = example_of("POST", "/cma/upload_requests")
    given = scene.stock.admin("POST", "/cma/upload_requests", asked)
    return replace(example, address=urlsplit(given.body["data"]["attributes"]["url"]).path), ""


def _itself(scene: Scene, example: Example) -> Staged:
    """A token ends itself."""
    return example, scene.stock.everything()


_RARE: Final[dict[str, Callable[[Scene, Example], Staged]]] = {
    "DELETE /cma/identities/{id}": _account,
    "DELETE /cma/passkeys/{id}": _passkey,
    "DELETE /cma/sessions/{id}": _session,
    "DELETE /cma/token": _itself,
    "GET /datocms/job-results/{id}": _job,
    "POST /cma/invitations/{id}/accept": _invited,
    "POST /cma/invitations/{id}/decline": _invited,
    "PUT /cma/uploads/{ticket}": _upload,
}

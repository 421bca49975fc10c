"""Every noun and verb of the client against the real server, blocking and awaited."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from counterfoil.client import AsyncClient, Bearer, Client, errors
from counterfoil.client.calls import Calls
from counterfoil.client.twin import ListVerb, Noun, Verb
from counterfoil.demo.walk import Walk
from infra.server import serving
from support.clients import Dial
from support.sample import Sample

Told = dict[str, Any]


@pytest.fixture(scope="module")
def told(seeded: Sample) -> Told:
    """Return what `counterfoil demo --json` printed."""
    return seeded.told


@pytest.fixture(scope="module")
def url(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where the real server serves a copy of the sample."""
    data = tmp_path_factory.mktemp("sdk") / "data"
    shutil.copytree(seeded.directory, data)
    with serving(data) as server:
        yield server.url


@pytest.fixture(scope="module")
def sessions(told: Told, url: str) -> list[str]:
    """Return a session of each of the sample's people: an admin, a developer, a reader."""
    with closing(Walk(url, tell=lambda _line: None)) as walk:
        return [walk.sign_in(one["email"], one["email"], one["password"]) for one in told["people"]]


class Recorded:
    """Remembers which verbs were done."""

    def __init__(self, noun: Noun[Any], done: set[str]) -> None:
        self._noun = noun
        self._done = done

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._noun, name)
        if isinstance(found, Noun):
            return Recorded(found, self._done)
        self._done.add(f"{type(self._noun).__name__}.{name}")
        return found


def verbs() -> set[str]:
    """Return all verbs of all nouns."""
    with Client("http://127.0.0.1:1") as client:
        nouns = [client, *(one for one in vars(client).values() if isinstance(one, Noun))]
        return {
            f"{type(noun).__name__.replace('Client', 'Calls')}.{name}"
            for noun in nouns
            for name, _ in inspect.getmembers(
                type(noun), lambda member: isinstance(member, Verb | ListVerb)
            )
        }


NOT_HERE = {"Calls.redeem", "Calls.end"}
"""What `tests/cli/test_cli_loopback.py` does, for it takes a browser."""


def test_every_verb_does_what_it_says(
    dial: Dial, told: Told, url: str, sessions: list[str]
) -> None:
    """Each call of the client is answered by the real server as its types say, either way (A21)."""
    done: set[str] = set()

    def by(token: str) -> Any:
        return Recorded(Calls(dial.wire(url, Bearer(token))), done)

    admin, ben = by(sessions[0]), by(sessions[1])
    manager = by(told["tokens"]["manager"])
    _people(admin, told)
    _tokens(admin, ben, told)
    _requests(admin, ben)
    _content(admin, told, dial.kind)
    _machines(admin, by, told)
    assert any(entry.operation for entry in admin.audit.entries(outcome="allowed"))
    list(admin.audit.refusals())
    assert manager.whoami().kind == "service"
    _narrowed(by, told)
    assert verbs() - NOT_HERE == done


def _narrowed(by: Any, told: Told) -> None:
    """A personal token is exchanged for a narrower one, and nothing else is."""
    made = by(told["tokens"]["personal"]).attenuate(
        scopes=["content:read"], roots=[told["nodes"]["/site/press"]], life_s=60
    )
    narrow = by(made.secret.reveal())
    seen = narrow.whoami()
    assert (seen.kind, seen.scopes, made.life_s) == ("exchanged", ("content:read",), 60)
    assert seen.roots == (told["nodes"]["/site/press"],)
    for other in (narrow, by(told["tokens"]["manager"])):
        with pytest.raises(errors.Invalid):
            other.attenuate()


def _people(admin: Any, told: Told) -> None:
    users = {user.email: user for user in admin.users.list()}
    ann = users[told["people"][0]["email"]]
    assert ann.is_admin
    assert admin.users.get(ann.id).roles == ann.roles == (told["roles"]["admin"],)
    roles = {role.name: role for role in admin.roles.list()}
    assert admin.roles.get(told["roles"]["admin"]).scopes == roles["admin"].scopes
    (organization,) = admin.organizations.list()
    assert organization.id == told["organization"]["id"]
    policy = admin.organizations.token_policy(organization.id)
    assert policy.rules["ip_ranges"] is None
    changed = admin.organizations.change_token_policy(
        organization.id, {"ip_ranges": ["0.0.0.0/0", "::/0"]}, version=policy.version
    )
    assert changed.rules["ip_ranges"] == ["0.0.0.0/0", "::/0"]
    admin.organizations.change_token_policy(
        organization.id, {"ip_ranges": None}, version=changed.version
    )


def _tokens(admin: Any, ben: Any, told: Told) -> None:
    soon = datetime.now(UTC) + timedelta(days=7)
    made = admin.tokens.create(
        "sdk", scopes=["content:read"], roots=[told["nodes"]["/site"]],
        surfaces=["delivery"], expires_at=soon,
    )  # fmt: skip
    assert (made.state, made.scopes, made.roots) == (
        "active",
        ("content:read",),
        (told["nodes"]["/site"],),
    )
    assert made.expires_at == soon.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert made.secret.reveal() not in repr(made)
    assert admin.tokens.get(made.spelled).secret is None
    assert made.id in {one.id for one in admin.tokens.list(query="sdk", sort="-created_at")}
    edited = admin.tokens.edit(made.id, version=made.version, name="sdk-2", enabled=False)
    assert (edited.name, edited.state) == ("sdk-2", "disabled")
    with pytest.raises(errors.Stale):
        admin.tokens.edit(made.id, version=made.version, name="sdk-3")
    with pytest.raises(errors.ScopeAboveRole) as above:
        ben.tokens.create("too-much", scopes=["users:manage"])
    assert above.value.field == "/data/attributes/scopes"
    assert admin.tokens.usage(made.id, "24h")["type"]
    next_one = admin.tokens.renew(made.id, name="sdk-next")
    assert next_one.secret.hint != made.secret.hint
    for one in (made, next_one):
        admin.tokens.revoke(one.id)
    with pytest.raises(errors.TokenFinal):
        admin.tokens.edit(made.id, name="again")


def _requests(admin: Any, ben: Any) -> None:
    for number, decide in enumerate(("approve", "deny", "cancel")):
        waits = ben.tokens.create(f"asked-{number}", scopes=["content:read"])
        assert waits.state == "pending"
        (asked,) = [one for one in ben.token_requests.list(state="open") if one.token == waits.id]
        seen = admin.token_requests.get(asked.spelled)
        if decide == "approve":
            assert admin.token_requests.approve(seen.id, seen.version).state == "approved"
            assert ben.tokens.get(waits.id).state == "active"
        elif decide == "deny":
            assert admin.token_requests.deny(seen.id, seen.version, "no").state == "denied"
        else:
            assert ben.token_requests.cancel(seen.id, seen.version).state == "cancelled"
        with pytest.raises(errors.Conflict):
            admin.token_requests.approve(seen.id, seen.version)


def _content(admin: Any, told: Told, mine: str) -> None:
    site = admin.nodes.at("/site")
    assert (site.id, admin.nodes.get(site.id).slug) == (told["nodes"]["/site"], "site")
    assert admin.nodes.at("/site/nowhere") is None
    folder = admin.nodes.create_folder(site.id, mine)
    assert folder.parent == site.id
    moved = admin.nodes.move(folder.id, slug=f"{mine}-2", version=folder.version)
    assert moved.id in {one.id for one in admin.nodes.list(parent=site.id, kind="folder")}
    admin.content_types.define(mine, mine, f"https://example.com/{mine}", _shape("title"))
    (shape,) = [one for one in admin.content_types.schemas() if one.name == mine]
    admin.content_types.change(shape, _shape("title", "body"))
    with pytest.raises(errors.Stale):
        admin.content_types.change(shape, _shape("title"))
    item = admin.items.create(shape.id, moved.id, {"title": "One"}, slug="one")
    item = admin.items.edit(item.id, {"title": "Two"}, version=item.version)
    assert (item.fields["title"], item.slug, item.status) == ("Two", "one", "draft")
    assert admin.items.get(item.id).fields == item.fields
    assert admin.items.publish(item.id, version=item.version).status == "published"
    assert [one.id for one in admin.items.list(under=moved.id)] == [item.id]
    assert admin.published.item(item.id).fields["title"] == "Two"
    assert item.id in {one.id for one in admin.drafts.items(under=moved.id)}
    assert admin.items.unpublish(item.id).published_at is None
    with pytest.raises(errors.NotFound):
        admin.published.item(item.id)
    admin.items.trash(item.id)
    admin.nodes.trash(moved.id)
    assert admin.nodes.restore(moved.id).id == moved.id


def _machines(admin: Any, by: Any, told: Told) -> None:
    made = admin.api_tokens.create(
        "sdk", role=told["roles"]["developer"], surfaces=["management", "delivery"]
    )
    machine = by(made.secret.reveal())
    assert machine.whoami().id == made.id
    assert made.id in {one.id for one in admin.api_tokens.list(query="sdk")}
    assert admin.api_tokens.edit(made.id, name="sdk-2", version=made.version).name == "sdk-2"
    assert admin.api_tokens.get(made.id).role == told["roles"]["developer"]
    again = by(admin.api_tokens.regenerate(made.id).secret.reveal())
    with pytest.raises(errors.Refused):
        machine.whoami()
    with pytest.raises(errors.KindNotAdmitted):
        again.tokens.create("by-a-machine")
    again.revoke_this()
    with pytest.raises(errors.Refused):
        again.whoami()
    other = admin.api_tokens.create("sdk-3", role=told["roles"]["developer"])
    admin.api_tokens.revoke(other.id)


def _shape(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def test_an_awaited_client_reads_pages_as_they_are_needed(url: str, sessions: list[str]) -> None:
    """A list is awaited page by page, and ends where its reader stops (R9)."""

    async def read() -> tuple[int, str]:
        async with AsyncClient(url, Bearer(sessions[0])) as client:
            seen = 0
            async for _node in client.nodes.list():
                seen += 1
                if seen == 150:
                    break
            return seen, (await client.whoami()).kind

    assert anyio.run(read) == (150, "session")

"""What is handed out at the hatch is what the whole way would have said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from falcon.testing import TestClient
from sqlalchemy import select

from counterfoil.access.caller import Origin
from counterfoil.app.build import App, build
from counterfoil.audit.record import entries
from counterfoil.gate.middleware_wsgi import Environ
from counterfoil.jsonapi.guard import Told
from counterfoil.jsonapi.hatch import Hatch
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.tokens.api_token_edit import revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens
from support.installation import Installed, admin_again, install, trusting

LIST = "/cda/items?page[size]=2"


class House(NamedTuple):
    """An installation whose hatch can be shut, and how often it handed something out."""

    app: App
    made: Installed
    handed: list[Told]

    def ask(self, token: str, url: str, method: str = "GET", **headers: str) -> Any:
        """Ask as a client does, and leave out what each answer has of its own."""
        said = {"Authorization": f"Bearer {token}"} if token else {}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = url.partition("?")
        found = TestClient(self.app.wsgi).simulate_request(
            method, path, query_string=query, headers=said | more
        )
        known = {name: value for name, value in found.headers.items() if name != "x-request-id"}
        errors = found.json.get("errors", [{}]) if found.content else [{}]
        return found.status, known, errors[0].get("code") or found.content


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = install(tmp_path / "data", tokens=2)
    app = build(made.settings)
    look, handed = Hatch.__call__, list[Told]()

    def seen(hatch: Hatch, environ: Environ) -> Told | None:
        told = look(hatch, environ)
        handed.extend([told] if told else [])
        return told

    monkeypatch.setattr(Hatch, "__call__", seen)
    yield House(app, made, handed)
    app.close()


def test_who_asks_again_is_handed_it(house: House) -> None:
    """From its third time on, an answer that nothing has changed comes from the hatch."""
    (token, other) = house.made.tokens
    told = [house.ask(token, LIST) for _ in range(3)]
    assert told[0] == told[1] == told[2]
    assert len(house.handed) == 2
    assert house.ask(other, LIST)[0] == "200 OK"
    assert len(house.handed) == 2


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", LIST, {}),
        ("GET", LIST, {"Accept": "application/vnd.api+json"}),
        ("GET", LIST, {"If_None_Match": "*"}),
        ("GET", LIST, {"Counterfoil_At_Least": "1"}),
        ("GET", LIST, {"Counterfoil_At_Least": "99999999"}),
        ("GET", LIST, {"Counterfoil_At_Least": "soon"}),
        ("GET", LIST, {"Counterfoil_Organization": "{here}"}),
        ("GET", LIST, {"Counterfoil_Organization": "org_0000000000001"}),
        ("GET", LIST, {"Host": "one two"}),
        ("GET", LIST, {"Authorization": "bearer {token}"}),
        ("GET", LIST, {"Authorization": "Bearer {token},Bearer {token}"}),
        ("GET", LIST, {"Authorization": "Basic {token}"}),
        ("GET", LIST, {"Authorization": "Bearer {token}x"}),
        ("GET", LIST, {"Authorization": ""}),
        ("GET", f"{LIST}&access_token={{token}}", {}),
        ("GET", LIST, {"Content_Length": "2"}),
        ("GET", LIST, {"Transfer_Encoding": "chunked"}),
        ("GET", "/cda/items", {}),
        ("GET", "/cda/items/", {}),
        ("GET", "/cda//items", {}),
        ("HEAD", LIST, {}),
        ("OPTIONS", LIST, {}),
        ("POST", LIST, {}),
    ],
)
def test_whatever_is_asked_the_whole_way_says_the_same(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    url: str,
    headers: dict[str, str],
) -> None:
    """Status, headers and body are the same with the hatch and without, whatever is asked."""
    token, here = house.made.tokens[0], spell(Prefix.ORGANIZATION, house.made.organization)
    filled = {name: said.format(token=token, here=here) for name, said in headers.items()}
    asked = url.format(token=token)
    for _ in range(3):
        house.ask(token, LIST)
    told = [house.ask(token, asked, method, **filled) for _ in range(3)][-1]
    monkeypatch.setattr(Hatch, "__call__", lambda _hatch, _environ: None)
    assert told == house.ask(token, asked, method, **filled)


def test_what_is_handed_out_is_on_record(house: House) -> None:
    """Each answer from the hatch leaves the entries in the trail that its door would leave."""
    for _ in range(4):
        house.ask(house.made.tokens[0], LIST)
    house.app.journal.flush()
    with house.app.database.reading() as tx:
        done = list(tx.scalars(select(entries.c.operation).order_by(entries.c.position)))
    assert len(house.handed) == 3
    assert done[-4:] == [done[-1]] * 4


def test_a_token_that_is_revoked_is_handed_nothing(house: House) -> None:
    """The request after a revocation is refused, and so is none of anybody else's (X15)."""
    token, other = house.made.tokens
    for _ in range(3):
        house.ask(token, LIST), house.ask(other, LIST)
    admin = admin_again(house.app, house.made)
    with trusting(house.app).work(admin, Origin("test")) as work:
        first = next(one for one in list_api_tokens(work) if one.name == "service 0")
        revoke_api_token(work, first.id)
    before = len(house.handed)
    assert house.ask(token, LIST)[0] == "401 Unauthorized"
    assert len(house.handed) == before
    assert house.ask(other, LIST)[0] == "200 OK"

"""The vendors' programs and our command line at one server: what theirs lists, ours does.

Both ask by the same credential. Neither is believed: what is compared is what each of them printed
or wrote.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from getdx import DXClient, DXWebConfig

from cli.scripts import plain_environment
from infra.node import command, node
from infra.server import COUNTERFOIL
from vendors.venue import Venue


@dataclass(frozen=True)
class Ours:
    """Types our commands in an empty home, and hands out what they printed."""

    url: str
    home: Path

    def __call__(self, *words: str, **environ: str) -> str:
        plain = plain_environment(Path(COUNTERFOIL).parent, self.home)
        done = subprocess.run(
            [COUNTERFOIL, *words], check=False, capture_output=True, text=True, cwd=self.home,
            env={**plain, "COUNTERFOIL_URL": self.url, **environ},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def ours(venue: Venue, tmp_path: Path) -> Ours:
    return Ours(venue.url, tmp_path)


def dc_cli(venue: Venue, home: Path, *words: str) -> str:
    """Type a command of Amplience's dc-cli."""
    told = venue.sample.told["amplience"]
    url = venue.url
    done = node(
        command("dc-cli"), *words, "--hubId", told["hub"], "--logFile", str(home / "log"),
        "--clientId", told["client_id"], "--clientSecret", told["client_secret"], home=home,
        env={"API_URL": f"{url}/amplience/v2/content", "AUTH_URL": f"{url}/amplience/auth"},
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.stdout


def datocms(venue: Venue, home: Path, *words: str) -> list[dict[str, Any]]:
    """Type a call of the `datocms` command, and return the list that it printed."""
    done = node(
        command("datocms"), "cma:call", *words, "--base-url", f"{venue.url}/datocms",
        "--api-token", venue.sample.token("manager"), home=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def files_in(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below a folder, by where it stands."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def pair_of(venue: Venue) -> tuple[str, ...]:
    told = venue.sample.told["amplience"]
    return ("--clientId", told["client_id"], "--clientSecret", told["client_secret"])


def test_an_export_is_the_same_file_by_file(venue: Venue, ours: Ours, tmp_path: Path) -> None:
    """dc-cli 0.19.1 and `content-type-schema export` write the same files, byte by byte (A16)."""
    venue.under("amplience")
    theirs, mine = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    dc_cli(venue, tmp_path, "content-type-schema", "export", str(theirs))
    ours("content-type-schema", "export", str(mine), *pair_of(venue))
    found, wanted = files_in(mine), files_in(theirs)
    assert sorted(found) == sorted(wanted)
    assert {"article.json", "schemas/article-schema.json"} <= set(wanted)
    for name, said in wanted.items():
        assert found[name] == said, name


def test_each_finds_up_to_date_what_the_other_wrote(
    venue: Venue, ours: Ours, tmp_path: Path
) -> None:
    """What one of them exported the other imports, and finds that nothing is to be done (A16)."""
    venue.under("amplience")
    theirs, mine = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    dc_cli(venue, tmp_path, "content-type-schema", "export", str(theirs))
    rows = ours("content-type-schema", "import", str(theirs), *pair_of(venue)).splitlines()
    assert {row.split("\t")[-1] for row in rows} == {"UP-TO-DATE"}
    ours("content-type-schema", "export", str(mine), *pair_of(venue))
    said = dc_cli(venue, tmp_path, "content-type-schema", "import", str(mine))
    assert said.count("UP-TO-DATE") == len(rows)
    assert "UPDATED" not in said
    assert "CREATED" not in said


def test_what_is_chosen_by_its_id_is_the_same(venue: Venue, ours: Ours, tmp_path: Path) -> None:
    """`--schemaId` chooses the same for both; what it chooses nothing by is a failure of ours."""
    venue.under("amplience")
    theirs, mine = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    said = ("content-type-schema", "export")
    dc_cli(venue, tmp_path, *said, str(theirs), "--schemaId", "/a(rticle|uthor)\\.json/")
    ours(*said, str(mine), "--schemaId", "a(rticle|uthor)\\.json", *pair_of(venue))
    assert files_in(mine) == files_in(theirs)
    assert len(files_in(mine)) == 4


@pytest.mark.parametrize(
    ("theirs", "mine", "fact"),
    [
        ("itemTypes", "content-type-schema", "api_key"),
        ("roles", "role", "name"),
        ("accessTokens", "token", "name"),
    ],
    ids=["content types", "roles", "API tokens"],
)
def test_the_lists_of_datocms(
    venue: Venue, ours: Ours, *, theirs: str, mine: str, fact: str
) -> None:
    """What `datocms` lists by DatoCMS's contract, our command lists by ours (D15)."""
    venue.under("datocms")
    wanted = {(one["id"], one[fact]) for one in datocms(venue, ours.home, theirs, "list")}
    assert wanted
    manager = venue.sample.token("manager")
    assert wanted == listed(ours(mine, "list", "--json", COUNTERFOIL_TOKEN=manager), fact)


def listed(printed: str, fact: str) -> set[tuple[str, str]]:
    """Return id and a fact of each resource that our command printed."""
    return {(one["id"], one["attributes"][fact]) for one in json.loads(printed)}


def test_the_records_of_datocms(venue: Venue, ours: Ours, tmp_path: Path) -> None:
    """The records of a type that `datocms` lists are the entries that ours lists (D15)."""
    venue.under("datocms")
    chosen = json.dumps({"filter": {"type": "author"}, "page": {"limit": 100}})
    wanted = {(one["id"], one["name"]) for one in
              datocms(venue, tmp_path, "items", "list", "--params", chosen)}  # fmt: skip
    assert wanted
    manager = venue.sample.token("manager")
    printed = ours("content-item", "list", "--type", "author", "--json", COUNTERFOIL_TOKEN=manager)
    assert wanted == listed(printed, "name")


def test_the_catalog_of_getdx(venue: Venue, ours: Ours) -> None:
    """The entities that getdx lists are the entries of that type that ours lists (X12)."""
    venue.under("dx")
    manager = venue.sample.token("manager")
    client: Any = DXClient(web=DXWebConfig(token=manager, base_url=f"{venue.url}/dx"))
    try:
        wanted = {
            (one["identifier"], one["name"]) for one in client.web.entities.list()["entities"]
        }
    finally:
        client.web.close()
    assert wanted
    words = ("content-item", "list", "--type", "catalog_entity", "--json")
    found = json.loads(ours(*words, COUNTERFOIL_TOKEN=manager))
    published = [one["attributes"] for one in found if one["meta"]["status"] != "draft"]
    assert wanted == {(one["identifier"], one["name"]) for one in published}

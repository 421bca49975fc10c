"""What the vendors' clients were once heard to send, sent again: our doors understand all of it.

Some of these clients cannot be installed any more, or never could be by others. The tokens in the
recordings are dead, and places and ids are somebody else's: what stands for ours is put in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import pytest

from counterfoil.app.routes import PROGRAMS
from support.sample import Said, said
from vendors.venue import Venue

_RECORDED: Final = Path(__file__).parents[1] / "vectors" / "wire"
_STORAGE: Final = "/datocms/s3/"
"""Where the vendor keeps files; the address of ours is in the answer to the upload request."""


def recorded() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what each client sent: once each, however often."""
    known = set()
    for path in sorted(_RECORDED.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            sent = json.loads(line)["request"]
            key = json.dumps(
                [sent["method"], sent["target"], sent["body"], sorted(sent["headers"])]
            )
            if key not in known and not sent["target"].startswith(_STORAGE):
                known.add(key)
                yield f"{path.stem} {sent['method']} {sent['target'].partition('?')[0]}", sent


SENT: Final = list(recorded())


@pytest.fixture(scope="module")
def ours(venue: Venue) -> dict[str, str]:
    """What takes the place of what is theirs, in addresses and bodies."""
    venue.policy(preset="datocms", management_limit=1_000)
    told = venue.sample.told
    return {
        "/datocms-cda/": "/datocms/cda",
        "/amplience-auth/": "/amplience/auth/",
        "abc123-u": told["agility"]["guid"],
        "en-us": told["agility"]["locale"],
        "item/22": f"item/{venue.article('/site/public', 'draft')}",
        "5b32377e4cedfd01c45036d8": told["amplience"]["hub"],
        "client_id=id": f"client_id={told['amplience']['client_id']}",
        "secret-ok": told["amplience"]["client_secret"],
        '"34"': f'"{venue.role("reader")}"',
    }


def again(venue: Venue, sent: dict[str, Any], ours: dict[str, str], token: str | None) -> Said:
    """Send a recorded request, with a token of ours or with the one that is in it."""
    target, body = sent["target"], sent["body"]
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    for theirs, mine in ours.items():
        target = target.replace(theirs, mine)
        text = text and text.replace(theirs, mine)
    headers = dict(sent["headers"])
    for name in headers:
        if token is not None and name.lower() == "authorization":
            headers[name] = f"{headers[name].partition(' ')[0]} {token}"
    with closing(HTTPConnection("127.0.0.1", venue.server.port, timeout=30)) as connection:
        connection.request(sent["method"], target, text, headers)
        return said(connection.getresponse())


def is_served(method: str, target: str) -> bool:
    """Say whether there is a door at an address."""
    path = target.partition("?")[0]
    return any(
        one.method == method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", one.path), path)
        for one in PROGRAMS
    )


def allowed(sent: dict[str, Any]) -> set[int]:
    """Return what may come of a request that is understood; an id in it may be nobody's."""
    if "/user/save" in sent["target"]:
        return {403}  # no token saves users (G9)
    if "client_secret=wrong" in str(sent["body"]):
        return {401}
    return {200, 201, 202, 404, 422}


@pytest.mark.parametrize(("name", "sent"), SENT, ids=[name for name, _ in SENT])
def test_it_is_understood(
    venue: Venue, ours: dict[str, str], name: str, sent: dict[str, Any]
) -> None:
    """A recorded request meets a door that understands it; with a dead token it is 401 (D15)."""
    target = sent["target"]
    for theirs, mine in ours.items():
        target = target.replace(theirs, mine)
    assert is_served(sent["method"], target), name
    token = venue.sample.token("manager")
    seen = again(venue, sent, ours, token)
    assert seen.status in allowed(sent), seen.body
    if seen.status == 422:  # of what it names, not of how it says it
        assert "unknown" not in json.dumps(seen.body).lower(), seen.body
    dead = again(venue, sent, ours, None)
    credential = "authorization" in {one.lower() for one in sent["headers"]}
    assert dead.status == (401 if credential else seen.status), dead.body

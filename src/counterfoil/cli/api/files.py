"""The files of `api sync`: routes and a tree as JSON, a whole document or the list alone."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from counterfoil.cli.api.routes import APIS, Listed
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.talking.receipt import note_changed
from counterfoil.cli.talking.things import body, each, resource

if TYPE_CHECKING:
    from counterfoil.client import Client

_MOST_BYTES: Final = 64 * 1024 * 1024
_ROUTE: Final = frozenset({"methods", "path", "scope"})
_MORE: Final = frozenset({"node", "changes"})
_ROW: Final = range(1, 4)
_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class Tree:
    """All resources of an API, as they are sent."""

    attributes: dict[str, Any]

    @property
    def document(self) -> dict[str, Any]:
        """The document that tells a server of it."""
        return body("api_tree", self.attributes)

    def tell(self, client: Client, id_: str) -> tuple[int, int]:
        """Let this be the tree; return how many resources were written, and how many removed.

        Where what has changed holds is told.
        """
        answer = client.wire.ask("PUT", APIS.at(id_, "tree"), body=self.document)
        done = resource(answer)["attributes"]
        if done["written"] or done["removed"]:
            note_changed(answer, "✓ the tree holds")
        return done["written"], done["removed"]

    def is_known(self, client: Client, id_: str) -> bool:
        """Say whether the server knows of a tree of the API at all."""
        there = APIS.at(id_, "resources")
        return bool(client.wire.ask("GET", there, query={"page[size]": 1}).data)

    def differs(self, client: Client, id_: str) -> tuple[int, int]:
        """Return how many resources would be written, and how many removed."""
        there = {one["id"]: one for one in each(client, APIS.at(id_, "resources"))}
        now = {}
        for one in there.values():
            above = one["relationships"]["parent"]["data"]
            parent = there[above["id"]]["attributes"]["key"] if above else ""
            now[one["attributes"]["key"]] = parent or None, one["attributes"]["name"]
        now.pop("", None)  # the API's own
        wanted = {row[0]: _place(row) for row in self.attributes["nodes"]}
        written = sum(now.get(key) != place for key, place in wanted.items())
        return written, len(now.keys() - wanted.keys())


def routes(name: str) -> Listed:
    """Read the routes of an API.

    Raises:
        Stop: exit 3 for what holds none; nothing was sent.
    """
    said = _attributes(name, "routes", "preflights", "grace_seconds")
    listed, preflights, grace = (
        said["routes"], said.get("preflights"), said.get("grace_seconds")
    )  # fmt: skip
    for at, one in enumerate(listed):
        if not isinstance(one, dict) or not _ROUTE <= one.keys() <= _ROUTE | _MORE:
            fields = ", ".join(sorted(_ROUTE)), ", ".join(sorted(_MORE))
            raise _unusable(name, f"routes[{at}] has {fields[0]}, and may have {fields[1]}")
        if not _are_texts(one["methods"]) or not _are_texts([one["path"], one["scope"]]):
            raise _unusable(name, f"routes[{at}] holds something of the wrong kind")
        if not one["methods"]:
            raise _unusable(name, f"routes[{at}] names no method")
    if not isinstance(preflights, bool | None):
        raise _unusable(name, "preflights is true or false")
    if isinstance(grace, bool) or not isinstance(grace, int | None):
        raise _unusable(name, "grace_seconds is a whole number")
    return Listed(tuple(listed), preflights, grace)


def tree(name: str) -> Tree:
    """Read the tree of an API.

    Raises:
        Stop: exit 3 for what holds none; nothing was sent.
    """
    said = _attributes(name, "nodes", "revision")
    for at, row in enumerate(said["nodes"]):
        if not isinstance(row, list) or len(row) not in _ROW or not isinstance(row[0], str):
            raise _unusable(name, f"nodes[{at}] is no row of key, parent and name")
    return Tree(said)


def _attributes(name: str, member: str, *others: str) -> dict[str, Any]:
    """Return what a file says: a document's attributes, or these alone, or the list alone."""
    said = _read(name)
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        said = said["data"].get("attributes")
    if isinstance(said, list):
        said = {member: said}
    if not isinstance(said, dict) or not isinstance(said.get(member), list):
        raise _unusable(name, f"it holds no list of {member}")
    if said.keys() - {member, *others}:
        raise _unusable(name, f"it holds more than {member}, {' and '.join(others)}")
    return said


def _read(name: str) -> object:
    try:
        if name == "-":
            raw = sys.stdin.read(_MOST_BYTES + 1)
        else:
            with Path(name).open(encoding="utf-8") as file:
                raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _unusable(name, error.strerror or "it cannot be read") from None
    except UnicodeDecodeError:
        raise _unusable(name, "it is no UTF-8") from None
    if len(raw) > _MOST_BYTES:
        raise _unusable(name, "it is larger than 64 MiB")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _unusable(name, f"it is no JSON ({error})") from None


def _place(row: list[Any]) -> tuple[object, object]:
    """Return the parent and the name in a row that may leave them out."""
    parent = row[1] if len(row) > 1 else None
    return parent, row[_NAME] if len(row) > _NAME else ""


def _are_texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _unusable(name: str, why: str) -> Stop:
    called = "standard input" if name == "-" else name
    return Stop(Exit.CONFIG, f"{called} cannot be used: {why}", "Nothing was sent.")

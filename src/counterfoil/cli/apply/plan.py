"""What differs between a file and an organization, and what makes them the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from counterfoil.cli.api.routes import APIS, NOTHING, Listed, declare, now
from counterfoil.cli.apply.file import Declared, Entry
from counterfoil.cli.people.things import ROLES, USERS
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.cli.talking.things import Things, seen, tie
from counterfoil.cli.talking.wanted import node_ids
from counterfoil.cli.token.things import TOKENS
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource
    from counterfoil.client import Client
    from counterfoil.client.answer import Answer

ROUTES = Things("", "api_routes", Prefix.API, "routes of API", "")
_ROUTED = frozenset({"routes", "preflights", "grace_seconds"})
_UNSORTED = frozenset({"scopes", "surfaces", "roots"})


class Act(StrEnum):
    """What is to be done with one thing."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing, what is to be done with it, and why."""

    act: Act
    things: Things
    name: str
    differs: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    declared: Entry = field(default_factory=dict)
    id: str = ""

    def record(self) -> dict[str, str]:
        """Return it as it is printed."""
        changes = [f"{name}: {_text(was)} → {_text(is_)}" for name, (was, is_) in
                   self.differs.items()]  # fmt: skip
        return {"action": self.act.value, "kind": self.things.called, "name": self.name,
                "changes": "; ".join(changes)}  # fmt: skip

    def attributes(self, client: Client) -> dict[str, Any]:
        """Return what is sent of it: what differs, or all that is declared of something new."""
        told = self.declared.keys() if self.act is Act.CREATE else self.differs.keys()
        said = {name: self.declared[name] for name in told if name not in {"role", "user"}}
        if isinstance(said.get("roots"), list):
            said["roots"] = node_ids(client, said["roots"])
        if "expires" in said:
            said["expires_at"] = read_expiry(said.pop("expires"), system_clock())
        return said

    def ties(self, client: Client) -> dict[str, Any]:
        """Return whose authority a token takes, if that is new."""
        new = self.act is Act.CREATE
        for name, among in (("role", ROLES), ("user", USERS)):
            if name in self.declared and (new or name in self.differs):
                return {name: tie(name, among.id(client, self.declared[name]))}
        return {}


def planned(client: Client, declared: Declared, *, prune: bool) -> list[Change]:
    """Return every thing that is declared, and with `prune` those that are not, in order."""
    sections = ((APIS, declared.apis), (ROLES, declared.roles), (TOKENS, declared.tokens))
    names = _Names(client)
    made: list[Change] = []
    gone: list[Change] = []
    for things, entries in sections:
        if entries is None:
            continue
        there = {one["attributes"]["name"]: one for one in things.each(client) if _is_live(one)}
        made += [_one(client, things, entry, there.get(entry["name"]), names) for entry in entries]
        if things is APIS:
            made += _routed(client, entries, there)
        if prune:
            wanted = {entry["name"] for entry in entries}
            gone[:0] = _unwanted(things, [one for name, one in there.items() if name not in wanted])
    return made + gone


def policy_differs(
    client: Client, wanted: Entry
) -> tuple[str, dict[str, str], dict[str, tuple[object, object]]]:
    """Return where the policy stands, the header that changes it as it is now, and what differs."""
    at = f"/cma/organizations/{client.whoami().organization}/token_policy"
    found, match = seen(client.wire.ask("GET", at))
    now = found["attributes"]
    return at, match, {
        name: (now.get(name), value) for name, value in wanted.items() if now.get(name) != value
    }  # fmt: skip


class _Names:
    """What roles and users are called, by id; asked for once, when it is needed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, dict[str, str]] = {}

    def of(self, kind: str, id_: str) -> str:
        """Return what one is called; its id if that is not known."""
        if kind not in self._known:
            things = ROLES if kind == "role" else USERS
            self._known[kind] = {
                one["id"]: one["attributes"][things.key] for one in things.each(self._client)
            }
        return self._known[kind].get(id_, id_)


def _routed(
    client: Client, entries: Sequence[Entry], there: Mapping[str, Resource]
) -> Iterator[Change]:
    """Yield what becomes of the routes of each API whose entry says something of them."""
    for entry in entries:
        if _ROUTED.isdisjoint(entry):
            continue
        name = entry["name"]
        before = now(client, there[name]["id"])[0] if name in there else NOTHING
        differs = _listed(entry).differs(before)
        act = Act.CHANGE if differs else Act.KEEP
        yield Change(act, ROUTES, name, differs, entry)


def route(client: Client, change: Change) -> Answer:
    """Let an API list the routes of its entry; return the answer."""
    id_ = APIS.id(client, change.name)
    there, _, match = now(client, id_)
    return declare(client, id_, _listed(change.declared), there, match)


def _listed(entry: Entry) -> Listed:
    routes = entry.get("routes")
    listed = None if routes is None else tuple(routes)
    return Listed(listed, entry.get("preflights"), entry.get("grace_seconds"))


def _one(
    client: Client, things: Things, entry: Entry, there: Resource | None, names: _Names
) -> Change:
    entry = {name: value for name, value in entry.items() if name not in _ROUTED}
    if there is None:
        return Change(Act.CREATE, things, entry["name"], declared=entry)
    differs = dict(_differs(client, entry, there, names))
    act = Act.CHANGE if differs else Act.KEEP
    return Change(act, things, entry["name"], differs, entry, there["id"])


def _differs(
    client: Client, entry: Entry, there: Resource, names: _Names
) -> Iterator[tuple[str, tuple[object, object]]]:
    """Yield each declared field that is otherwise now; an expiry is for what is new."""
    for name, wanted in entry.items():
        if name in {"name", "expires"}:
            continue
        now = _now(there, name, names)
        meant = wanted
        if name == "roots" and isinstance(wanted, list):
            meant = node_ids(client, wanted)
        if _plain(name, now) != _plain(name, meant):
            yield name, (now, wanted)


def _now(there: Resource, name: str, names: _Names) -> object:
    if name in {"role", "user"}:
        data = there["relationships"].get(name, {}).get("data")
        return names.of(name, data["id"]) if data else None
    for member in ("attributes", "meta"):
        if name in there.get(member, {}):
            return there[member][name]
    return None


def _plain(name: str, value: object) -> object:
    """Return a value as it is compared: lists in which the order means nothing are sorted."""
    if name in _UNSORTED and isinstance(value, list | tuple):
        return sorted(
            (tuple(sorted({"description": "", **one}.items())) if isinstance(one, dict) else one)
            for one in value
        )
    return value


def _unwanted(things: Things, left: Sequence[Resource]) -> list[Change]:
    """Return what is to go: nothing that came with the organization does."""
    return [
        Change(Act.DELETE, things, one["attributes"]["name"], id=one["id"])
        for one in left
        if not one["attributes"].get("built_in") and not one["attributes"].get("hardcoded_type")
    ]


def _is_live(one: Resource) -> bool:
    return one["attributes"].get("state") not in {"expired", "revoked"}


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(one["name"] if isinstance(one, dict) else str(one) for one in value)
    return "everywhere" if value is None else str(value)

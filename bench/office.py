"""An office's database that holds the whole world, in the tables that the office itself reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table

from counterfoil import directory
from counterfoil.content.model import SEPARATOR, below
from counterfoil.content.store.tables import nodes
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    organizations,
    policies,
    roles,
    users,
)
from counterfoil.feed.event import (
    AnyEvent,
    MemberRecorded,
    NodePlaced,
    OrganizationRecorded,
    RoleRecorded,
    TokenRecorded,
)
from counterfoil.kernel.clock import micros, system_clock
from counterfoil.kernel.entropy import system_entropy
from counterfoil.kernel.ids import NodeId
from counterfoil.migrations import migrate
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.seal import Seal
from counterfoil.runtime.settings import Settings
from counterfoil.secret import DEFAULT_PREFIX
from counterfoil.tokens.store import seals
from counterfoil.tokens.store.tables import grants, secrets, tokens

_FILE: Final = "office.sqlite"
_PIECE: Final = 20_000
_NO_TOKEN: Final = dict.fromkeys(seals.TOKEN)
_NO_GRANT: Final = dict.fromkeys(seals.GRANT)

SEAL: Final = Seal(bytes(range(32)))
"""That of an office whose database alone is made up."""


def found_office(folder: Path, events: Iterable[AnyEvent]) -> Database:
    """Make a database as `counterfoil migrate` does, with all that in it, sealed; and open it."""
    folder.mkdir()
    migrate(url_in(folder))
    write_all(folder / _FILE, events, SEAL)
    database = open_office(folder)
    with database.transaction() as tx:
        directory.reseal(tx)
    return database


def open_office(folder: Path) -> Database:
    """Open it again; whoever reads its tokens and members compares their seals."""
    return Database(url_in(folder), seal=SEAL)


def url_in(folder: Path) -> str:
    """Return where it is."""
    return f"sqlite:///{folder / _FILE}"


def found_installation(settings: Settings, events: Iterable[AnyEvent]) -> None:
    """Make a data directory that `counterfoil serve` takes, sealed as one is."""
    settings.prepare()
    migrate(settings.url)
    seal = Seal(key_in(settings.seal_key_file, system_entropy))
    settings.settled_file.touch(0o600)
    write_all(settings.office_file, events, seal)
    database = Database(settings.url, seal=seal)
    with database.transaction() as tx:
        directory.settle_prefix(tx, DEFAULT_PREFIX)
        directory.reseal(tx)
        directory.name_seal(tx, seal.name)
    database.close()


def write_all(path: Path, events: Iterable[AnyEvent], seal: Seal | None = None) -> None:
    """Write what these records tell into a database that holds nothing yet."""
    scribe = Scribe(path, seal)
    for event in events:
        scribe.write(event)
    scribe.close()


class Scribe:
    """Writes what is true into the tables: by SQLite's own driver, a third of the whole time."""

    def __init__(self, path: Path, seal: Seal | None = None) -> None:
        self._seal = seal
        self._now = micros(system_clock())
        self._paths: dict[int | None, str] = {None: SEPARATOR}
        self._waiting: dict[str, list[tuple[object, ...]]] = {}
        self._driver = sqlite3.connect(path)
        for pragma in ("synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
            self._driver.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        """Write all that waits, and prove that it hangs together."""
        self._flush()
        if self._driver.execute("PRAGMA foreign_key_check").fetchone():
            message = "the office that was made up is none"
            raise ValueError(message)
        self._driver.close()

    def _put(self, table: Table, **row: object) -> None:
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        insert = f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})'  # noqa: S608 - our names
        waiting = self._waiting.setdefault(insert, [])
        waiting.append(tuple(row.values()))
        if len(waiting) >= _PIECE:
            self._flush()

    def _flush(self) -> None:
        for insert, rows in self._waiting.items():
            self._driver.executemany(insert, rows)
            rows.clear()
        self._driver.commit()

    def write(self, event: AnyEvent) -> None:
        """Write one record."""
        match event:
            case OrganizationRecorded():
                self._organization(event)
            case RoleRecorded():
                self._role(event)
            case NodePlaced():
                self._node(event)
            case MemberRecorded():
                self._member(event)
            case TokenRecorded():
                self._token(event)

    def _organization(self, event: OrganizationRecorded) -> None:
        id_ = event.organization
        self._put(organizations, id=id_, name=event.name, root_id=0, created_at=self._now)
        self._put(policies, organization_id=id_, **asdict(PRESETS["default"]))

    def _role(self, event: RoleRecorded) -> None:
        self._put(roles, id=event.role, organization_id=event.organization, name="developer",
            name_folded="developer", scopes=event.scopes, custom="[]", built_in=True,
            version=1)  # fmt: skip

    def _node(self, event: NodePlaced) -> None:
        self._paths[event.node] = path = below(self._paths[event.parent], NodeId(event.node))
        self._put(nodes, organization_id=event.organization, id=event.node, parent_id=event.parent,
            kind="root" if event.parent is None else "folder", slug=str(event.node), path=path,
            live=True, version=1, created_at=self._now, updated_at=self._now)  # fmt: skip

    def _member(self, event: MemberRecorded) -> None:
        place = {"organization_id": event.organization, "user_id": event.user}
        self._put(users, id=event.user, name="Ada", kind="person", active=True, cut_off=0,
            version=1)  # fmt: skip
        self._put(memberships, **place, enabled=True, cut_off=0, joined_at=self._now, version=1)
        for role in event.roles:
            self._put(membership_roles, **place, role_id=role)

    def _token(self, event: TokenRecorded) -> None:
        home, id_ = event.organization, event.token
        token: dict[str, Any] = {
            "id": id_, "organization_id": home, "kind": "personal", "owner_id": event.subject,
            "name": event.name, "description": "", "authority": event.authority,
            "subject_id": event.subject, "expires_at": event.expires_at,
            "position": event.position, "created_at": self._now, "spans_all": False, "version": 1,
        }  # fmt: skip
        held: list[dict[str, Any]] = [
            {
                "token_id": id_, "organization_id": grant.organization, "state": grant.state,
                "scope_mode": "explicit", "scopes": grant.scopes, "custom": [],
                "roots": grant.roots, "surfaces": grant.surfaces, "version": 1,
            }
            for grant in event.grants
        ]  # fmt: skip
        if self._seal is not None:
            whole = [_NO_GRANT | one for one in held]
            said = seals.said_of(_NO_TOKEN | token, whole, event.secrets)
            token["seal"] = self._seal.over(said)
        self._put(tokens, **token)
        for one in held:
            spelled = {name: json.dumps(one[name]) for name in ("custom", "roots")}
            self._put(grants, **{**one, **spelled})
        for secret in event.secrets:
            self._put(secrets, id=id_, organization_id=home, token_id=id_, digest=secret.digest,
                scheme="v1", hint="cfp_…abcd", created_at=self._now, version=1)  # fmt: skip

"""Nine conditions in which a token may be, and the credentials that are in them.

What an expired credential is takes time to become: whoever makes a set of them waits once.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from vendors.venue import ALL, Patient, Venue

LIFE_S = 2
"""How long a credential lives that is to expire before anybody uses it."""


class Condition(StrEnum):
    """What is the matter with a token."""

    GOOD = "good"
    MISSING = "missing"
    PENDING = "pending"
    DISABLED = "disabled"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SURFACE = "wrong surface"
    ROLE = "wrong role"
    ROOT = "out of root"


Credential: TypeAlias = Mapping[str, str] | None
"""The id and the secret (`token`); None where there is none at all."""

Credentials: TypeAlias = dict[Condition, Credential]


@dataclass(frozen=True)
class Needs:
    """What a client's call asks of its token: everything else is amiss in one of the conditions.

    Attributes:
        surfaces: where it must be let in; `elsewhere` is where it is let in if that is wrong.
        scopes: an explicit list, or None for all that the authority has.
        role: whose authority suffices, and `weak` whose does not.
        owner: whose personal tokens suffice; Rita's do not.
    """

    surfaces: tuple[str, ...] = tuple(ALL)
    elsewhere: tuple[str, ...] = ("delivery",)
    scopes: tuple[str, ...] | None = None
    role: str = "editor"
    weak: str = "reader"
    owner: Literal["ann", "ben"] = "ben"


@dataclass(frozen=True)
class Counter:
    """Where credentials of every condition are handed out."""

    venue: Venue
    preset: str
    needs: Needs

    def personal_tokens(self) -> Credentials:
        """Make personal tokens. What need not be the owner's is Ann's: the least quota is five."""
        done = self._owner("POST", "/cma/personal_access_tokens/revoke_all")
        assert done.status == 200, done.body
        inside = [self.venue.node("/site/public")]
        made = {
            Condition.EXPIRED: self._personal(self.venue.ann, expires_at=soon()),
            Condition.REVOKED: self._personal(self.venue.ann),
            Condition.ROOT: self._personal(self.venue.ann, roots=inside, span="one"),
            Condition.GOOD: self._personal(),
            Condition.DISABLED: self._personal(),
            Condition.SURFACE: self._personal(surfaces=self.needs.elsewhere),
            Condition.ROLE: self._personal(self.venue.rita, **self._few()),
            Condition.PENDING: self._pending(),
        }
        path = "/cma/personal_access_tokens"
        self._end(path, made[Condition.REVOKED]["id"])
        self._change(path, made[Condition.DISABLED]["id"])
        return self._all(made)

    def api_tokens(self) -> Credentials:
        """Make API tokens of a role. None is ever pending: a personal token is, in their place."""
        return self._lent("/cma/api_tokens", "api_token", self._pending())

    def pairs(self) -> Credentials:
        """Make key-and-secret pairs of a role. None is ever pending, whatever the policy asks."""
        self.venue.policy(preset=self.preset, approval="everybody")
        made = self._lend("/cma/key_pairs", "key_pair", self.needs.role)
        self.venue.under(self.preset)
        return self._lent("/cma/key_pairs", "key_pair", made)

    def _lent(self, path: str, kind: str, pending: Mapping[str, str]) -> Credentials:
        role = self.needs.role
        made = {
            Condition.EXPIRED: self._lend(path, kind, role, expires_at=soon()),
            Condition.REVOKED: self._lend(path, kind, role),
            Condition.GOOD: self._lend(path, kind, role),
            Condition.DISABLED: self._lend(path, kind, role, enabled=False),
            Condition.SURFACE: self._lend(path, kind, role, surfaces=self.needs.elsewhere),
            Condition.ROLE: self._lend(path, kind, self.needs.weak),
            Condition.ROOT: self._lend(path, kind, role, roots=[self.venue.node("/site/public")]),
            Condition.PENDING: pending,
        }
        self._end(path, made[Condition.REVOKED]["id"])
        return self._all(made)

    def _all(self, made: dict[Condition, Mapping[str, str]]) -> Credentials:
        time.sleep(LIFE_S)
        return {**made, Condition.MISSING: None}

    def _personal(self, who: Patient | None = None, **attributes: Any) -> Mapping[str, str]:
        said = {"name": "suite", "surfaces": self.needs.surfaces, **self._scopes(), **attributes}
        return self.venue.personal(who or self._owner, **said)

    @property
    def _owner(self) -> Patient:
        return self.venue.ann if self.needs.owner == "ann" else self.venue.ben

    def _scopes(self) -> dict[str, Any]:
        return {} if self.needs.scopes is None else {"scopes": self.needs.scopes}

    def _few(self) -> dict[str, Any]:
        return {} if self.needs.scopes is None else {"scopes": ["content:read"]}

    def _pending(self) -> Mapping[str, str]:
        """Ask where everybody waits, and put the preset back: who waits goes on waiting."""
        self.venue.policy(preset=self.preset, approval="everybody")
        said = {"name": "waits", "surfaces": ALL, "scopes": self.needs.scopes or ["content:read"]}
        made = self.venue.ask(self._owner, **said)
        assert made.status == 202, made.body
        self.venue.under(self.preset)
        return shown(made.body)

    def _lend(self, path: str, kind: str, role: str, **attributes: Any) -> Mapping[str, str]:
        said = {"name": "suite", "surfaces": self.needs.surfaces, "enabled": True, **attributes}
        lender = {"role": {"data": {"type": "role", "id": self.venue.role(role)}}}
        data = {"type": kind, "attributes": said, "relationships": lender}
        made = self.venue.ann("POST", path, {"data": data})
        assert made.status == 201, made.body
        return shown(made.body)

    def _end(self, path: str, id_: str) -> None:
        assert self.venue.ann("DELETE", f"{path}/{id_}").status == 200

    def _change(self, path: str, id_: str) -> None:
        data = {"type": "personal_access_token", "attributes": {"enabled": False}}
        seen = self.venue.ann("GET", f"{path}/{id_}")
        done = self.venue.ann(
            "PATCH", f"{path}/{id_}", {"data": data}, If_Match=seen.headers["etag"]
        )
        assert done.status == 200, done.body


def shown(body: Any) -> Mapping[str, str]:
    """Return the id and the secret out of the answer that made a credential."""
    return {"id": body["data"]["id"], "token": body["data"]["attributes"]["token"]}


def soon() -> str:
    """Return the instant at which what is to expire does."""
    return (datetime.now(UTC) + timedelta(seconds=LIFE_S)).isoformat()


_KEPT = (
    "SELECT * FROM node", "SELECT * FROM content_version", "SELECT * FROM content_type",
    'SELECT * FROM "user"', "SELECT * FROM membership", "SELECT * FROM membership_role",
    "SELECT * FROM role", "SELECT * FROM policy", "SELECT * FROM api", "SELECT * FROM invitation",
    "SELECT * FROM token_grant WHERE token_id IN (SELECT id FROM token WHERE parent_id IS NULL)",
    "SELECT * FROM token WHERE parent_id IS NULL", "SELECT * FROM token_request",
)  # fmt: skip


def fingerprint(venue: Venue) -> str:
    """Return what all that people keep comes to; what a pair is exchanged for is none of it."""
    database = venue.sample.directory / "office.sqlite"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = [sorted(map(repr, connection.execute(query))) for query in _KEPT]
    return sha256(repr(rows).encode()).hexdigest()

"""A crowd in the sample: as many tokens, requests and people as a large organization has."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from counterfoil.access.scope import Scope, scopes
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.show import show_policy
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import NodeId, RoleId
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN
from support.web import LONG, caller_of, seeder_of

_USES: Final = ("laptop", "ci", "preview", "agent", "export", LONG, "x", "Redaktion, Nachtausgabe")
_READ: Final = scopes(Scope.CONTENT_READ, Scope.CONTENT_TYPES_READ)
_WIDE: Final = scopes(Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH)


def crowd(data_dir: Path, *, tokens: int, requests: int, people: int) -> None:
    """Give Ann and the organization so many tokens each, approvers requests, and Ann colleagues."""
    kept = json.loads((data_dir / "sample.json").read_text())
    with closing(seeder_of(data_dir)) as seeder:
        office = seeder.office
        ann, ben = (caller_of(office, kept, name) for name in ("Ann", "Ben"))
        with office.work(ann, ORIGIN) as work:
            version = show_policy(work).version
            edit_policy(work, version, {"quota": None, "creations_per_hour": 10_000})
        for start in range(0, tokens, 100):
            with office.work(ann, ORIGIN) as work:
                for number in range(start, min(start + 100, tokens)):
                    made = request_token(work, _wish(number, kept, office.clock())).token
                    if number % 23 == 1:
                        disable(work, made.id)
                    elif number % 29 == 2:
                        revoke(work, made.id)
                    create_api_token(work, _lent(number, kept))
        with office.work(ben, ORIGIN) as work:
            for number in range(requests):
                reason = "Stale posts are rewritten each night. " * (1 + number % 3)
                request_token(work, Wish(_name(number), justification=reason, scopes=_WIDE))
        with office.work(ann, ORIGIN) as work:
            reader = RoleId(int(kept["roles"]["reader"]))
            for number in range(people):
                named = Newcomer(f"Person {number:03}", f"person.{number:03}@harbour.example")
                enroll(work, named, [reader] if number % 3 else [])


def _name(number: int) -> str:
    return f"{_USES[number % len(_USES)]}-{number:03}"


def _wish(number: int, kept: dict[str, Any], now: datetime) -> Wish:
    roots = frozenset({NodeId(int(kept["nodes"]["/site/press"]))}) if number % 4 == 0 else None
    end = now + timedelta(days=1 + number % 90)
    said = {"inherit": True} if number % 3 == 0 else {"scopes": _READ}
    return Wish(_name(number), expires_at=end, roots=roots, **said)


def _lent(number: int, kept: dict[str, Any]) -> Wish:
    role = int(kept["roles"]["reader"])
    return Wish(f"website-{number:03}", authority="role", subject=role)

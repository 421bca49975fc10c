"""`kill -9` at any moment: nothing acknowledged is lost, nothing revoked comes back (R4)."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from infra.server import serving
from support.sample import Sample, Talker

ROUNDS = 4
CLIENTS = 3


@dataclass
class Known:
    """What one client was told, and what it asked and was never told."""

    made: dict[str, str] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    in_doubt: set[str] = field(default_factory=set)


def new_token(name: str, role: str) -> dict[str, Any]:
    return {
        "data": {
            "type": "access_token",
            "attributes": {
                "name": name,
                "can_access_cda": True,
                "can_access_cda_preview": False,
                "can_access_cma": True,
            },
            "relationships": {"role": {"data": {"type": "role", "id": role}}},
        }
    }


def keep_busy(talk: Talker, role: str, known: Known, dice: random.Random) -> None:
    """Make tokens and revoke some until the server is gone."""
    with suppress(OSError, HTTPException):
        while True:
            made = talk("POST", "/access_tokens", new_token(f"n{dice.random()}", role))
            if made.status == 429:
                time.sleep(0.05)
                continue
            assert made.status == 200, made
            id_, secret = made.body["data"]["id"], made.body["data"]["attributes"]["token"]
            known.made[id_] = secret
            if dice.random() < 0.5:
                known.in_doubt.add(id_)
                gone = talk("DELETE", f"/access_tokens/{id_}")
                while gone.status == 429:
                    time.sleep(0.05)
                    gone = talk("DELETE", f"/access_tokens/{id_}")
                assert gone.status == 200, gone
                known.in_doubt.discard(id_)
                known.revoked[id_] = secret


def audited(talk: Talker, operation: str) -> list[str]:
    """Return the targets of all allowed entries of one operation."""
    targets: list[str] = []
    path = f"/cma/audit_events?filter[operation]={operation}&page[size]=100"
    while path:
        page = talk("GET", path)
        if page.status == 429:
            time.sleep(0.2)
            continue
        assert page.status == 200, page
        targets += [
            entry["attributes"]["target"]
            for entry in page.body["data"]
            if entry["attributes"]["outcome"] == "allowed"
        ]
        path = (page.body.get("links") or {}).get("next") or ""
    return targets


def test_a_killed_server_forgets_nothing_and_revives_nothing(sample: Sample) -> None:
    """Killed amid creates and revokes, the server knows what it acknowledged (R4, X15, R14)."""
    known = [Known() for _ in range(CLIENTS)]
    dice = random.Random(4)
    admin, role = sample.token("manager"), sample.told["roles"]["reader"]
    for _ in range(ROUNDS):
        with serving(sample.directory) as running:
            talk = Talker(running.port).bearing(admin)
            clients = [
                threading.Thread(
                    target=keep_busy, args=(talk, role, one, random.Random(dice.random()))
                )
                for one in known
            ]
            for client in clients:
                client.start()
            time.sleep(0.4 + dice.random())
            os.killpg(running.process.pid, signal.SIGKILL)
            for client in clients:
                client.join()
    with serving(sample.directory) as running:
        talk = Talker(running.port)
        made = {id_: secret for one in known for id_, secret in one.made.items()}
        revoked = {id_ for one in known for id_ in one.revoked}
        in_doubt = {id_ for one in known for id_ in one.in_doubt}
        assert len(made) > ROUNDS
        assert revoked
        for id_, secret in made.items():
            status = talk.bearing(secret)("GET", "/cma/token").status
            if id_ in revoked:
                assert status == 401, "a revoked token came back"
            elif id_ not in in_doubt:
                assert status == 200, "an acknowledged token is lost"
        entries = audited(talk.bearing(admin), "api_token.create")
        written = [target for target in entries if target.removeprefix("tok_") in made]
        assert sorted(written) == sorted(f"tok_{id_}" for id_ in made)

"""What the gate lets through stands in the trail of the office, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
from functools import partial

from infra.server import Server, gateway, serving
from infra.wait import wait_until as patiently
from support.gated import admin_of, ids, in_an_address, leaks, personal, registered, trail, used
from support.sample import Sample, Talker

wait_until = partial(patiently, pause=0.3)  # an admin, too, may ask only so often


def ask(gate: Server, api: str, token: str) -> str:
    """Ask as a proxy does; return the id of the request."""
    said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages/12"}
    told = Talker(gate.port).bearing(token)("GET", f"/authz/forward/api_{api}", **said)
    assert told.status == 200, told.body
    return str(told.headers["counterfoil-request-id"])


def test_every_pass_is_on_record_once(sample: Sample) -> None:
    """Through two killed offices and a killed gate each row is there once (X2, R4).

    A gate that is told to stop writes what it has; one that is killed had a second to. Of a token
    in an address the office hears, too (S11).
    """
    with serving(sample.directory) as server:
        admin = admin_of(sample, server.port)
        api = registered(admin)
        id_, token = personal(admin)
        with gateway(sample.directory, "--workers", "2") as gate:
            known = [ask(gate, api, token) for _ in range(30)]
            wait_until(lambda: len(trail(admin, api)) == 30, "the rows to arrive")
            wait_until(lambda: used(admin, id_) == 30, "the counts to arrive")
            [first, *_] = trail(admin, api)
            os.killpg(server.process.pid, signal.SIGKILL)
            known += [ask(gate, api, token) for _ in range(30)]
    with serving(sample.directory) as server:
        admin = admin_of(sample, server.port)
        wait_until(lambda: len(trail(admin, api)) == 60, "what a stopped gate left")
        with gateway(sample.directory) as gate:
            known += [ask(gate, api, token) for _ in range(30)]
            wait_until(lambda: len(trail(admin, api)) == 90, "the rows to arrive")
            os.killpg(gate.process.pid, signal.SIGKILL)
        os.killpg(server.process.pid, signal.SIGKILL)
    with serving(sample.directory) as server, gateway(sample.directory) as gate:
        admin = admin_of(sample, server.port)
        known.append(ask(gate, api, token))
        wait_until(lambda: known[-1] in ids(trail(admin, api)), "the row of the last")
        assert sorted(ids(trail(admin, api))) == sorted(known)
        in_an_address(gate.port, api, token)
        wait_until(lambda: len(leaks(admin, id_)) == 1, "the word of the token in an address")
    facts = first["attributes"]
    assert (facts["operation"], facts["route"]) == ("gate.look", "GET /pages/{page}")
    assert (facts["outcome"], facts["token_name"]) == ("allowed", "ci-laptop")
    assert first["relationships"]["api"]["data"]["id"] == api

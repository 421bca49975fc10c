"""The log of the real server, at its most talkative, while tokens live their lives."""

from __future__ import annotations

from contextlib import closing

from counterfoil.demo.walk import Walk
from infra.server import serving
from support.sample import Sample, Talker

PATS = "/cma/personal_access_tokens"


def test_no_secret_is_in_the_log(sample: Sample) -> None:
    """Made, used, misused, replaced and revoked, a secret is in no line of the log (A12, S9).

    Neither is the password or the session of the person who made it.
    """
    ann = sample.told["people"][0]
    env = {"COUNTERFOIL_LOG_LEVEL": "debug"}
    with serving(sample.directory, env=env) as server:
        with closing(Walk(server.url, tell=lambda _line: None)) as walk:
            session = walk.sign_in("Ann", ann["email"], ann["password"])
        talk = Talker(server.port)
        admin = talk.bearing(session)
        attributes = {"name": "laptop", "scopes": ["content:read"]}
        body = {"data": {"type": "personal_access_token", "attributes": attributes}}
        made = admin("POST", PATS, body).body["data"]
        secret = made["attributes"]["token"]
        assert talk.bearing(secret)("GET", "/cda/items").status == 200
        assert talk("GET", f"/cda/items?access_token={secret}").status == 400
        assert talk("GET", f"/cda/items/{secret}").status in {401, 404}
        assert talk("POST", "/oauth/revoke", {"token": secret}).status in {400, 415}
        assert talk.bearing(secret, **{"User-Agent": secret})("GET", "/cda/nodes").status == 200
        assert admin("POST", PATS, {"data": {**body["data"], "id": secret}}).status in {400, 422}
        renewed = admin("POST", f"{PATS}/{made['id']}/successor").body["data"]
        assert admin("DELETE", f"{PATS}/{made['id']}").status == 200
        assert talk.bearing(secret)("GET", "/cda/items").status == 401
    log = server.log.read_text()
    assert f"tok_{made['id']}" in log, "the log tells what it should of the token"
    for told in (secret, renewed["attributes"]["token"], session, ann["password"]):
        assert told not in log
        assert told[4:24] not in log

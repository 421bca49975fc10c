"""What is printed of a client at work: its tracebacks, its log, its variables."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

import pytest

from counterfoil.client import Bearer, ClientError, Pair, Session, SessionTokens
from counterfoil.client.credential import Credential
from counterfoil.client.redact import Hidden
from counterfoil.secret import Kind, Secret
from infra.wait import free_port
from support.clients import Dial
from support.fake_server import Heard, Says, StandIn


def minted(kind: Kind, seed: int) -> str:
    return Secret.mint(kind, lambda length: bytes([seed] * length)).reveal()


TOKEN, SECRET = minted(Kind.PERSONAL, 11), minted(Kind.CLIENT, 12)
ACCESS, REFRESH = minted(Kind.SESSION, 13), minted(Kind.REFRESH, 14)
EXCHANGED = minted(Kind.EXCHANGED, 15)
ALL = (TOKEN, SECRET, ACCESS, REFRESH, EXCHANGED)

BY: dict[str, Callable[[], Credential]] = {
    "token": lambda: Bearer(TOKEN),
    "pair": lambda: Pair("1000000000000001", SECRET),
    "session": lambda: Session(SessionTokens(ACCESS, REFRESH, 0)),
}


def breaking(heard: Heard) -> Says:
    """Exchange what is presented, then fail at what it is for."""
    if heard.target == "/oauth/token":
        said = {"access_token": EXCHANGED, "refresh_token": REFRESH, "expires_in": 600}
        return Says(200, said)
    return Says(500, {"errors": [{"code": "INTERNAL_ERROR", "detail": f"had {TOKEN}"}]})


def refusing(_heard: Heard) -> Says:
    return Says(401, {"errors": [{"code": "INVALID_TOKEN"}]})


def hanging_up(_heard: Heard) -> Says:
    return Says(0)


def nonsense(_heard: Heard) -> Says:
    return Says(200, b"<html>")


def elsewhere(_heard: Heard) -> Says:
    return Says(302, {}, {"location": "https://example.com/"})


@pytest.mark.parametrize("says", [breaking, refusing, hanging_up, nonsense, elsewhere, None])
@pytest.mark.parametrize("by", BY)
def test_no_failure_prints_a_secret(
    dial: Dial,
    server: StandIn,
    by: str,
    says: Callable[[Heard], Says] | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A traceback with its variables and every log at its loudest hold no secret (S9, S16)."""
    caplog.set_level(logging.DEBUG)
    url = server.url if says else f"http://127.0.0.1:{free_port()}"
    server.says = says or refusing
    wire = dial.wire(url, BY[by](), sleep=lambda _seconds: None)
    with pytest.raises(ClientError) as failed:
        _ = wire.ask("GET", "/cma/token").data
    failure = failed.value
    assert failure.__traceback__  # whose first frame is this one, and holds all of them
    failure.__traceback__ = failure.__traceback__.tb_next
    told = traceback.TracebackException.from_exception(failure, capture_locals=True)
    printed = "".join(told.format()) + caplog.text
    assert "self = " in printed
    assert [secret for secret in ALL if secret in printed] == []


def test_the_log_says_what_was_asked(
    dial: Dial, server: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names each call with its status and request id, and no token in an address (S16)."""
    caplog.set_level(logging.DEBUG, "counterfoil.client")
    server.script(Says(503, {}), Says(200, {"data": 1}, {"x-request-id": "r-7"}))
    dial.wire(server.url, Bearer(TOKEN), sleep=lambda _seconds: None).ask("GET", f"/cma/{TOKEN}")
    said = [one.getMessage() for one in caplog.records if one.name == "counterfoil.client"]
    assert said[-1].startswith("GET /cma/cfp_…")
    assert said[-1].endswith(": 200, request r-7")
    assert "asking again" in said[1]
    assert TOKEN not in "".join(said)


def test_a_hidden_string_is_still_one() -> None:
    """What carries a secret to the wire prints as its hint, alone and in any collection (S9)."""
    hidden = Hidden(TOKEN)
    assert hidden == TOKEN
    assert TOKEN not in repr([hidden, {"authorization": Hidden(f"Bearer {TOKEN}")}])
    assert TOKEN[-4:] in repr(hidden)

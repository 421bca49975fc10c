"""Several threads or tasks that share one client."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.parse import parse_qs

import anyio
import pytest

from counterfoil.client import AsyncClient, Client, Pair, Session, SessionTokens
from counterfoil.client.credential import Credential
from support.fake_server import Heard, Says, StandIn

WHO = {"data": {"type": "caller", "id": "1000000000000001", "attributes": {"method": "session"}}}
OLD, NEW = "cfo_" + "1" * 49, "cfo_" + "2" * 49


class Door:
    """A token endpoint that gives each refresh token one use, and counts what it gave."""

    def __init__(self) -> None:
        self.given = 0
        self.spent: set[str] = set()

    def says(self, heard: Heard) -> Says:
        if heard.target != "/oauth/token":
            good = heard.headers["authorization"] == f"Bearer {NEW}"
            return Says(200, WHO) if good else Says(401, {"errors": [{"code": "TOKEN_EXPIRED"}]})
        token = parse_qs(heard.body.decode()).get("refresh_token", [""])[0]
        if token and token in self.spent:
            return Says(400, {"error": "invalid_grant"})
        self.spent.add(token)
        self.given += 1
        said = {"access_token": NEW, "refresh_token": f"cfr_{self.given:049}", "expires_in": 600}
        return Says(200, said)


def session(good_until: float) -> Session:
    return Session(SessionTokens(OLD, "cfr_" + "0" * 49, good_until))


FAR = 4e9
CREDENTIALS: dict[str, Callable[[], Credential]] = {
    "over": lambda: session(0),
    "refused": lambda: session(FAR),
    "pair": lambda: Pair("id", "secret"),
}


@pytest.mark.parametrize("kind", CREDENTIALS)
@pytest.mark.parametrize("awaited", [False, True])
def test_those_who_share_a_client_get_one_bearer(
    server: StandIn,
    kind: str,
    awaited: bool,  # noqa: FBT001 - a row of the table
) -> None:
    """Eight at once refresh a session, or redeem a pair, once: a second time would end it (G3)."""
    door = Door()
    server.says = door.says
    credential = CREDENTIALS[kind]()
    if awaited:

        async def all_ask() -> None:
            async with (
                AsyncClient(server.url, credential) as client,
                anyio.create_task_group() as group,
            ):
                for _ in range(8):
                    group.start_soon(client.whoami)

        anyio.run(all_ask)
    else:
        with Client(server.url, credential) as client, ThreadPoolExecutor(8) as pool:
            for each in [pool.submit(client.whoami) for _ in range(8)]:
                assert each.result().kind == "session"
    assert door.given == 1


def test_a_cancelled_call_lets_others_go_on(server: StandIn) -> None:
    """A task that is cancelled while it gets a bearer keeps no lock: the next call goes through."""
    door, first = Door(), Event()

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/token" and not first.is_set():
            first.set()
            time.sleep(0.5)
        return door.says(heard)

    server.says = says

    async def ask_twice() -> str:
        async with AsyncClient(server.url, Pair("id", "secret")) as client:
            with anyio.move_on_after(0.2) as scope:
                await client.whoami()
            assert scope.cancelled_caught
            return (await client.whoami()).kind

    assert anyio.run(ask_twice) == "session"
    assert first.is_set()

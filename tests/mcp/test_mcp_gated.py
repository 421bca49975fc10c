"""An MCP server behind a gate: how far MCP's own client gets by what is published of it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest
import uvicorn
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from counterfoil.demo.walk import Walk
from infra.proxies import nginx_before
from infra.server import gateway, serving
from infra.wait import free_port, listens, wait_until
from mcp import Client as Agent
from support.sample import Sample, Talker

CALLBACK = "http://127.0.0.1:8499/callback"
SCOPE = "tools:call"
ROUTES = [{"methods": ["GET", "POST", "DELETE"], "path": "/mcp", "scope": SCOPE}]


@dataclass(frozen=True)
class Gated:
    """An MCP server behind nginx and a gate, and the office that tells where tokens come from."""

    url: str
    office: str
    pair: tuple[str, str]
    personal: str


class Kept:
    """What an MCP client keeps: here, in memory."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self.client = client
        self.tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@contextmanager
def tools() -> Iterator[int]:
    """Serve an MCP server that asks for no token itself; yield its port."""
    shop = MCPServer("shop")

    @shop.tool()
    def letters(word: str) -> int:
        """Count the letters of a word."""
        return len(word)

    port = free_port()
    app = shop.streamable_http_app(
        json_response=True,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: listens(port), "the MCP server to listen")
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def gated(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    here, port = tmp_path_factory.mktemp("gated"), free_port()
    data, office = here / "data", f"http://127.0.0.1:{port}"
    shutil.copytree(seeded.directory, data)
    with ExitStack() as running:
        told = {"COUNTERFOIL_BASE_URL": office}
        running.enter_context(serving(data, env=told, port=port))
        gate, server = running.enter_context(gateway(data)), running.enter_context(tools())
        ann = seeded.told["people"][0]
        with closing(Walk(office, tell=lambda _line: None)) as walk:
            session = walk.sign_in("Ann", ann["email"], ann["password"])
        admin = Talker(port).bearing(session)
        api = make(admin, "apis", "api", name="Shop", audience=office, scopes=[{"name": SCOPE}])
        routes = {"data": {"type": "api_routes", "attributes": {"routes": ROUTES}}}
        assert admin("PUT", f"/cma/apis/{api['id']}/routes", routes).status == 200
        before = nginx_before(here, gate=gate.port, api=server, id_=int(api["id"]))
        url = f"http://127.0.0.1:{running.enter_context(before)}/mcp"
        audience = {"type": "api", "id": api["id"], "attributes": {"audience": url}}
        assert admin("PATCH", f"/cma/apis/{api['id']}", {"data": audience}).status == 200
        pair = make(admin, "key_pairs", "key_pair", role=seeded.told["roles"]["admin"],
                    name="agent", scopes=[SCOPE])  # fmt: skip
        mine = make(admin, "personal_access_tokens", "personal_access_token",
                    name="agent", scopes=[SCOPE])  # fmt: skip
        shown = mine["attributes"]["token"]
        yield Gated(url, office, (pair["id"], pair["attributes"]["token"]), shown)


def make(admin: Talker, path: str, type_: str, role: str = "", **attributes: Any) -> Any:
    data: dict[str, Any] = {"type": type_, "attributes": attributes}
    if role:
        data["relationships"] = {"role": {"data": {"type": "role", "id": role}}}
    made = admin("POST", f"/cma/{path}", {"data": data})
    assert made.status in {200, 201}, made.body
    return made.body["data"]


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        with anyio.fail_after(60):
            await story()

    anyio.run(bounded)


async def counts(gated: Gated, **how: Any) -> None:
    """Speak to the MCP server by its own client, and have it count letters."""
    async with (
        httpx2.AsyncClient(**how) as http,
        Agent(streamable_http_client(gated.url, http_client=http), cache=None) as agent,
    ):
        assert [tool.name for tool in (await agent.list_tools()).tools] == ["letters"]
        assert (await agent.call_tool("letters", {"word": "abc"})).structured_content == {
            "result": 3
        }


def test_a_program_finds_its_way_to_a_token(gated: Gated) -> None:
    """By the refusal alone MCP's client finds what it needs, gets a token by id and secret, passes.

    It goes from the challenge to the API's metadata and to the server's, where it asks for the very
    scope that the refusal named (S13).
    """
    kept = Kept()
    provider = ClientCredentialsOAuthProvider(gated.url, kept, *gated.pair, issuer=gated.office)
    run(lambda: counts(gated, auth=provider))
    assert kept.tokens is not None
    assert kept.tokens.scope == SCOPE
    assert kept.tokens.access_token.startswith("cfx_")


def test_a_person_hands_it_a_token(gated: Gated) -> None:
    """A personal token in the client's header is all that it needs."""
    run(lambda: counts(gated, headers={"Authorization": f"Bearer {gated.personal}"}))


def person(gated: Gated, kept: Kept, seen: list[str]) -> OAuthClientProvider:
    """Return what signs a person in, as far as a browser would have to be opened."""

    async def opened(address: str) -> None:
        seen.append(address)

    async def answered() -> Any:
        message = "no browser"
        raise OAuthFlowError(message)

    metadata = OAuthClientMetadata(redirect_uris=[AnyUrl(CALLBACK)], client_name="agent")
    return OAuthClientProvider(gated.url, metadata, kept, opened, answered)


def failure(gated: Gated, provider: OAuthClientProvider) -> str:
    """Return why a client got no further."""
    with pytest.raises(BaseExceptionGroup) as failed:
        run(lambda: counts(gated, auth=provider))
    found: BaseException = failed.value
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, OAuthFlowError)
    return str(found)


def test_no_client_registers_itself(gated: Gated) -> None:
    """A client that knows no id of its own stops before any browser: nobody is registered here."""
    seen: list[str] = []
    assert "Registration failed" in failure(gated, person(gated, Kept(), seen))
    assert seen == []


def test_a_session_takes_no_scope(gated: Gated) -> None:
    """The one client that people sign in by asks for no scope: MCP's does, and is told so."""
    seen: list[str] = []
    client = OAuthClientInformationFull(
        client_id="counterfoil-cli", redirect_uris=[AnyUrl(CALLBACK)], issuer=gated.office
    )
    assert "no browser" in failure(gated, person(gated, Kept(client), seen))
    [address] = seen
    asked = parse_qs(urlsplit(address).query)
    assert (asked["scope"], asked["resource"]) == ([SCOPE], [gated.url])
    line = HTTPConnection(urlsplit(gated.office).netloc)
    line.request("GET", f"/oauth/authorize?{urlsplit(address).query}")
    answer = line.getresponse()
    line.close()
    said = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.status == 303
    assert (said["error"], said["iss"]) == (["invalid_scope"], [gated.office])

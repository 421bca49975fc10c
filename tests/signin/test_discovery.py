"""Where a client that knows one address finds the way to a token (RFC 8414, RFC 9728)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NoReturn

import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.declare_routes import declare_routes
from counterfoil.directory.register_api import create_api, retire
from counterfoil.gateway.refusal import Refusals
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.route import Route as HttpRoute
from counterfoil.jsonapi.route import spoken_in
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Refused
from counterfoil.operation import OPERATIONS
from counterfoil.routing.table import Route
from counterfoil.signin.doors import browser, discovery, oauth
from counterfoil.tokens.doors import current, personal_tokens
from support.conformance import Conformance
from support.signin import CALLBACK, House, Visitor, asking

BASE = "https://cms.test"
METADATA = "/.well-known/oauth-protected-resource"
ROUTES: tuple[HttpRoute, ...] = (
    *browser.ROUTES,
    *oauth.ROUTES,
    *discovery.ROUTES,
    *current.ROUTES,
    *personal_tokens.ROUTES,
)


@pytest.fixture
def app(house: House, entropy: Entropy) -> Any:
    house.office.address = BASE
    inner = router(ROUTES, Desk(house.office, lambda *_: None), OPERATIONS)
    guard = Guard(inner, entropy, lambda *_: None, spoken_in(ROUTES))
    return Conformance(guard, ROUTES, OPERATIONS)


@pytest.fixture
def http(app: Any) -> Iterator[httpx2.Client]:
    with httpx2.Client(transport=httpx2.WSGITransport(app=app), base_url=BASE) as client:
        yield client


def registered(house: House, audience: str, *, routed: bool = True) -> Api:
    wish = ApiWish("Shop", audience, [("shop:write", ""), ("shop:read", "")])
    with house.acting(house.ada) as work:
        api = create_api(work, wish)
    if routed:
        with house.acting(house.ada) as work:
            declare_routes(work, api.id, [Route(frozenset({"GET"}), "/mcp", "shop:read")])
    return api


def test_a_refusal_leads_to_a_token(http: httpx2.Client) -> None:
    """A 401 says for which scope a token is wanted, and where it is told who gives one (S13)."""
    seen = http.get("/cma/personal_access_tokens")
    assert seen.status_code == 401
    assert seen.headers["www-authenticate"].endswith(f'resource_metadata="{BASE}{METADATA}"')
    said = http.get(METADATA).json()
    assert said["resource"] == BASE
    assert said["authorization_servers"] == [BASE]
    assert said["bearer_methods_supported"] == ["header"]
    found = http.get("/.well-known/oauth-authorization-server").json()
    assert found["issuer"] == BASE
    assert found["scopes_supported"] == said["scopes_supported"]
    assert found["introspection_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "Bearer",
    ]


@pytest.mark.parametrize("spelled", ["{}", "api_{}"])
def test_an_api_behind_the_gate_is_told_of(house: House, http: httpx2.Client, spelled: str) -> None:
    """Of an API that has routes the address, the scopes and our server are told, and no more."""
    api = registered(house, "https://shop.test/v1")
    assert http.get(f"{METADATA}/{spelled.format(api.id)}").json() == {
        "resource": "https://shop.test/v1",
        "authorization_servers": [BASE],
        "scopes_supported": ["shop:read", "shop:write"],
        "bearer_methods_supported": ["header"],
    }


@pytest.mark.parametrize(
    "audience",
    [
        "urn:shop",
        "shop",
        "http://shop.test",
        "https://shop.test/#a",
        "https://[",
        "ftp://shop.test",
    ],
)
def test_what_is_no_address_is_no_resource(
    house: House, http: httpx2.Client, audience: str
) -> None:
    """An audience that no client could hold against an address is told to nobody (RFC 9728)."""
    api = registered(house, audience)
    assert http.get(f"{METADATA}/{api.id}").status_code == 404


def test_what_stands_behind_no_gate_is_not_told(house: House, http: httpx2.Client) -> None:
    """An API without routes, one that is retired, and one that is none, are one 404 (S25)."""
    bare = registered(house, "https://bare.test", routed=False)
    with house.acting(house.ada) as work:
        retire(work, bare.id)
    gone = registered(house, "https://gone.test")
    with house.acting(house.ada) as work:
        retire(work, gone.id)
    other = registered(house, "https://bare.test", routed=False)
    answers = [
        http.get(f"{METADATA}/{id_}")
        for id_ in (bare.id, gone.id, other.id, 1000000000000009, "x", f"tok_{gone.id}")
    ]
    assert {seen.status_code for seen in answers} == {404}
    assert len({seen.content for seen in answers}) == 1


class Kept:
    """What an MCP client keeps: that it is the client that is built in."""

    async def get_tokens(self) -> OAuthToken | None:
        return None

    async def set_tokens(self, tokens: OAuthToken) -> None:
        raise AssertionError(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull:
        return OAuthClientInformationFull(
            client_id="counterfoil-cli",
            redirect_uris=[AnyUrl(CALLBACK)],
            token_endpoint_auth_method="none",
        )

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        raise AssertionError(client_info)


class ArrivedError(Exception):
    """The client would open a browser here."""


async def _never() -> NoReturn:
    raise AssertionError


def arrive(app: Any, server: str, api: int = 0) -> httpx2.URL:
    """Return where MCP's own client would have its person sign in, from nothing but an address."""
    went: list[str] = []

    async def redirect(url: str) -> None:
        went.append(url)
        raise ArrivedError

    provider = OAuthClientProvider(
        server_url=server,
        client_metadata=OAuthClientMetadata(redirect_uris=[AnyUrl(CALLBACK)]),
        storage=Kept(),
        redirect_handler=redirect,
        callback_handler=_never,
    )

    async def go() -> None:
        transport = Beside(app, api)
        async with httpx2.AsyncClient(transport=transport, auth=provider) as client:
            await client.get(server)

    with pytest.raises(ArrivedError):
        asyncio.run(go())
    return httpx2.URL(went[0])


class Beside(httpx2.AsyncBaseTransport):
    """Asks the house; an API that is not ours is one that a gate refuses."""

    def __init__(self, app: Any, api: int) -> None:
        self._ours = httpx2.WSGITransport(app=app)
        self._metadata = f"{BASE}{METADATA}/api_{api}"

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        if request.url.host == "shop.test":
            error = Refused(Code.MISSING_AUTHORIZATION_HEADER, meta={"scope": "shop:read"})
            status, headers, body = Refusals().plain(error, [], self._metadata)
            return httpx2.Response(int(status[:3]), headers=headers, content=body)
        answer = self._ours.handle_request(request)
        answer.read()
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_mcps_own_client_finds_the_way(app: Any, visitor: Visitor) -> None:
    """The `mcp` package's client gets from a 401 to our sign-in, with PKCE and the resource."""
    url = arrive(app, f"{BASE}/cma/token")
    assert f"{url.scheme}://{url.host}{url.path}" == f"{BASE}/oauth/authorize"
    said = dict(url.params)
    assert said["code_challenge_method"] == "S256"
    assert said["resource"].startswith(BASE)
    visitor.sign_in()
    del said["scope"]  # a session takes none: decision 92
    back = visitor.go("GET", "/oauth/authorize", query=said)
    assert back.query["iss"] == BASE
    assert "code" in back.query


def test_mcps_own_client_finds_the_way_from_an_api(app: Any, house: House) -> None:
    """From the gate's refusal at somebody's MCP server it gets to us, for its route's scope."""
    api = registered(house, "https://shop.test/v1")
    url = arrive(app, "https://shop.test/v1/mcp", api.id)
    assert f"{url.scheme}://{url.host}{url.path}" == f"{BASE}/oauth/authorize"
    assert url.params["scope"] == "shop:read"
    assert url.params["resource"] == "https://shop.test/v1"


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("http://127.0.0.1:8400", None),
        ("http://127.0.0.1:8400/", None),
        ("http://127.0.0.1:8400/cma", None),
        ("http://127.0.0.1:84000", "invalid_target"),
        ("https://elsewhere.test", "invalid_target"),
        ("", "invalid_target"),
    ],
)
def test_a_session_is_for_this_server(visitor: Visitor, resource: str, error: str | None) -> None:
    """Whoever wants a session for another server is sent back with invalid_target (RFC 8707)."""
    visitor.sign_in()
    seen = visitor.go("GET", "/oauth/authorize", query={**asking(), "resource": resource})
    assert seen.query.get("error") == error
    assert ("code" in seen.query) == (error is None)

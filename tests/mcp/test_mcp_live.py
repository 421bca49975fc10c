"""The tools, as an agent's program gets them: MCP's own client over stdio, and the real server."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_types import Implementation

from cli.conftest import Type
from counterfoil.client import Bearer, Client
from counterfoil.demo.walk import Walk
from counterfoil.mcp.serve import agent_of
from counterfoil.mcp.tools import TOOLS
from infra.server import serving
from infra.wait import free_port, wait_until
from mcp import Client as Agent
from mcp import MCPError, StdioServerParameters, stdio_client
from support.sample import Sample

COUNTERFOIL = str(Path(sys.executable).with_name("counterfoil"))
Told = dict[str, Any]
MODES = ("legacy", "auto")
"""By handshake, as programs of 2025 do, and without one, as the protocol of 2026 wants it."""


@pytest.fixture(scope="module")
def url(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where the real server serves a copy of the sample."""
    data = tmp_path_factory.mktemp("mcp") / "data"
    shutil.copytree(seeded.directory, data)
    with serving(data) as server:
        yield server.url


@pytest.fixture(scope="module")
def admin(seeded: Sample, url: str) -> Iterator[Client]:
    """Return Ann, who administers the sample."""
    ann = seeded.told["people"][0]
    with closing(Walk(url, tell=lambda _line: None)) as walk:
        session = walk.sign_in("Ann", ann["email"], ann["password"])
    with Client(url, Bearer(session)) as client:
        yield client


Mint = Callable[..., tuple[str, str]]


@pytest.fixture
def token(admin: Client) -> Iterator[Mint]:
    """Return what makes a token of Ann's and hands out its id and secret, until the test ends."""
    made: list[str] = []

    def mint(**terms: Any) -> tuple[str, str]:
        new = admin.tokens.create(f"agent-{len(made)}", **terms)
        assert new.secret
        made.append(new.id)
        return new.id, new.secret.reveal()

    yield mint
    for id_ in made:
        admin.tokens.revoke(id_)


@asynccontextmanager
async def agent(
    url: str, secret: str, mode: str, *options: str, home: Path, name: str = "writer"
) -> AsyncIterator[Agent]:
    """Start `counterfoil mcp` as a program does, and speak to it."""
    started = StdioServerParameters(
        command=COUNTERFOIL,
        args=["mcp", *options],
        env={"COUNTERFOIL_URL": url, "COUNTERFOIL_TOKEN": secret, "HOME": str(home)},
    )
    async with Agent(
        stdio_client(started),
        mode=mode,
        client_info=Implementation(name=name, version="1"),
        cache=None,
    ) as speaking:
        yield speaking


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        with anyio.fail_after(60):
            await story()

    anyio.run(bounded)


async def names(speaking: Agent) -> set[str]:
    return {tool.name for tool in (await speaking.list_tools()).tools}


async def said(speaking: Agent, tool: str, **arguments: Any) -> Any:
    """Return what a tool answers, and that it is no error."""
    result = await speaking.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
    return result.structured_content


async def refused(speaking: Agent, tool: str, **arguments: Any) -> Any:
    result = await speaking.call_tool(tool, arguments)
    assert result.is_error
    return result.structured_content["error"]


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_what_the_token_may_do(
    url: str, token: Mint, tmp_path: Path, mode: str
) -> None:
    """An agent is offered the tools of its token's scopes and surfaces, and no other (G15)."""
    _, reader = token(scopes=["content:read"], surfaces=["delivery"])
    _, editor = token(
        scopes=["content:read", "content:write", "content-types:read"],
        surfaces=["management"],
    )

    async def story() -> None:
        async with agent(url, reader, mode, home=tmp_path) as speaking:
            assert await names(speaking) == {"whoami", "list_published"}
        async with agent(url, editor, mode, home=tmp_path) as speaking:
            offered = (await speaking.list_tools()).tools
            assert {tool.name for tool in offered} == {
                "whoami", "list_items", "get_item", "list_nodes", "list_content_types",
                "create_item", "edit_item",
            }  # fmt: skip
            looks = {tool.name for tool in offered if tool.annotations.read_only_hint}  # type: ignore[union-attr]
            assert looks == {
                "whoami", "list_items", "get_item", "list_nodes", "list_content_types",
            }  # fmt: skip

    run(story)


def test_every_tool_does_what_it_says(url: str, token: Mint, tmp_path: Path) -> None:
    """An agent finds, writes, publishes and removes content by the tools, and sees the trail."""
    _, secret = token(scopes=[
            "content:read", "content:write", "content:publish", "content:delete",
            "content-types:read", "audit:read",
        ],
        surfaces=["management", "delivery", "preview"],
    )  # fmt: skip

    async def story() -> None:
        async with agent(url, secret, "auto", home=tmp_path) as speaking:
            assert await names(speaking) == {tool.name for tool in TOOLS}
            who = await said(speaking, "whoami")
            assert (who["kind"], secret in json.dumps(who)) == ("personal", False)
            (press,) = (await said(speaking, "list_nodes", path="/site/press"))["found"]
            types = (await said(speaking, "list_content_types"))["content_types"]
            (article,) = [one for one in types if one["api_key"] == "article"]
            one = (await said(speaking, "list_items", under=press["id"], limit=1))["found"][0]
            made = await said(
                speaking, "create_item", type=article["id"], parent=press["id"],
                fields=dict(one["fields"]) | {"title": "By an agent"}, slug="by-an-agent",
            )  # fmt: skip
            edited = await said(
                speaking, "edit_item", id=made["id"], fields={"title": "Twice"},
                version=made["version"],
            )  # fmt: skip
            stale = await refused(
                speaking, "edit_item", id=made["id"], fields={"title": "Late"},
                version=made["version"],
            )  # fmt: skip
            assert stale["code"] == "STALE_VERSION"
            assert (await said(speaking, "get_item", id=made["id"]))["fields"]["title"] == "Twice"
            here = {"path": "/site/press/by-an-agent"}
            assert (await said(speaking, "list_drafts", **here))["found"][0]["id"] == made["id"]
            await said(speaking, "publish_item", id=made["id"], version=edited["version"])
            (seen,) = (await said(speaking, "list_published", **here))["found"]
            assert seen["fields"]["title"] == "Twice"
            await said(speaking, "unpublish_item", id=made["id"])
            await said(speaking, "trash_item", id=made["id"])
            page = await said(speaking, "list_items", under=press["id"], limit=2)
            assert (len(page["found"]), page["more"]) == (2, True)
            entries = await said(speaking, "list_audit_entries", operation="entry.publish")
            assert made["id"] in entries["found"][0]["target"]

    run(story)


@pytest.mark.parametrize("mode", MODES)
def test_each_call_is_on_record_as_the_agents(
    url: str, admin: Client, token: Mint, tmp_path: Path, mode: str
) -> None:
    """The trail names user, token and agent of each call, refused ones too (X2, G15)."""
    id_, secret = token(scopes=["content:read"], surfaces=["management"])

    async def story() -> None:
        async with agent(url, secret, mode, home=tmp_path, name="press (writer); v=2") as speaking:
            (node,) = (await said(speaking, "list_nodes", path="/site/press"))["found"]
            denied = await refused(
                speaking, "create_item", type=node["id"], parent=node["id"], fields={}
            )
            assert (denied["code"], denied["needs"]) == ("INSUFFICIENT_SCOPE", "content:write")
            assert denied["request_id"]

    run(story)

    def seen() -> set[tuple[str, str]]:
        found = admin.audit.entries(token=id_)
        return {(one.operation, one.outcome) for one in found}

    asked = {("node.list", "allowed"), ("entry.create", "INSUFFICIENT_SCOPE")}
    wait_until(lambda: asked <= seen(), "what the agent read to be on record")
    trail = [one.source["attributes"] for one in admin.audit.entries(token=id_)]
    claims = {one["agent"] for one in trail}
    assert claims == {agent_of("press (writer); v=2")}
    assert "(agent=press -writer- v-2)" in claims.pop()
    assert {entry.user for entry in admin.audit.entries(token=id_)} != {""}


@pytest.mark.parametrize("mode", MODES)
def test_the_list_changes_when_the_token_does(
    url: str, admin: Client, token: Mint, tmp_path: Path, mode: str
) -> None:
    """An agent is told when its tools change, and finds none once its token is revoked (G15)."""
    id_, secret = token(scopes=["content:read"], surfaces=["management", "delivery"])

    async def story() -> None:
        changed = anyio.Event()

        async def hear(message: object) -> None:
            if "ToolListChanged" in type(message).__name__:
                changed.set()

        started = StdioServerParameters(
            command=COUNTERFOIL,
            args=["mcp", "--watch", "0.2"],
            env={"COUNTERFOIL_URL": url, "COUNTERFOIL_TOKEN": secret, "HOME": str(tmp_path)},
        )
        async with Agent(
            stdio_client(started), mode=mode, cache=None, message_handler=hear
        ) as speaking:
            assert "list_published" in await names(speaking)
            if mode == "legacy":
                await anyio.to_thread.run_sync(
                    lambda: admin.tokens.edit(id_, surfaces=["management"])
                )
                await changed.wait()
            else:
                async with speaking.listen(tools_list_changed=True) as events:
                    await anyio.to_thread.run_sync(
                        lambda: admin.tokens.edit(id_, surfaces=["management"])
                    )
                    await anext(aiter(events))
            assert "list_published" not in await names(speaking)
            await anyio.to_thread.run_sync(lambda: admin.tokens.revoke(id_))
            assert (await refused(speaking, "whoami"))["code"] == "INVALID_TOKEN"
            assert await names(speaking) == set()

    run(story)


@pytest.mark.parametrize("surface", ["management", "delivery"])
def test_bad_calls_are_told_and_on_record(
    url: str, admin: Client, token: Mint, tmp_path: Path, surface: str
) -> None:
    """What no tool takes is refused by name, and stands in the trail without what was said (G15).

    Each such call has an entry with user, token and agent, wherever the token is let in.
    """
    id_, secret = token(scopes=["content:read"], surfaces=[surface])
    said: tuple[Told, ...] = (
        {},
        {"id": "../../cma/users"},
        {"id": 5},
        {"id": "1" * 16, "x": "hushed"},
    )

    async def story() -> None:
        async with agent(url, secret, "auto", home=tmp_path) as speaking:
            for arguments in said:
                assert "get_item" in (await refused(speaking, "get_item", **arguments))["what"]
            long = await refused(speaking, "list_items", query="x" * 70_000)
            assert long["what"] == "list_items/query: it is longer than 1000 characters"
            for name in ("drop_everything", "../etc/passwd?a=1", secret, ""):
                with pytest.raises(MCPError):
                    await speaking.call_tool(name, {"all": "hushed"})

    run(story)
    found = [one for one in admin.audit.entries(token=id_) if one.operation == "agent.call"]
    seen = [(one.target, one.outcome) for one in reversed(found)]
    assert {code for _, code in seen[:5]} == {"INVALID_FIELD"}
    assert [one for one, _ in seen[:5]] == ["tool get_item"] * 4 + ["tool list_items"]
    names = ["drop_everything", "..-etc-passwd-a-1", f"cfp_-{secret[-4:]}", "-"]
    assert seen[5:] == [(f"tool {name}", "NOT_FOUND") for name in names]
    for one in found:
        assert one.source["attributes"]["agent"] == agent_of("writer")
        assert one.user
        assert secret not in json.dumps(one.source)
        assert "hushed" not in json.dumps(one.source)
        assert "x" * 50 not in json.dumps(one.source)
    assert {one.operation for one in admin.audit.entries(token=id_)} <= {
        "agent.call", "token.show_self",
    }  # fmt: skip


def test_an_office_that_is_gone_changes_no_answer(tmp_path: Path) -> None:
    """Where a bad call cannot be put on record, its agent is told what is wrong all the same."""
    nowhere = f"http://127.0.0.1:{free_port()}"

    async def story() -> None:
        async with agent(nowhere, "cfp_" + "k" * 49, "auto", home=tmp_path) as speaking:
            assert "get_item" in (await refused(speaking, "get_item"))["what"]

    run(story)


def test_no_token_is_no_server(url: str, tmp_path: Path) -> None:
    """Without a credential the command ends at once with 4, and says so on standard error."""
    ran = anyio.run(
        lambda: anyio.run_process(
            [COUNTERFOIL, "mcp", "--url", url], check=False, env={"HOME": str(tmp_path)}
        )
    )
    assert (ran.returncode, ran.stdout) == (4, b"")
    assert b"no credential" in ran.stderr


def test_the_package_may_be_missing(monkeypatch: pytest.MonkeyPatch, typed: Type) -> None:
    """Where the part that speaks the protocol is not installed, the command says how to get it."""
    monkeypatch.setattr("counterfoil.cli.mcp.find_spec", lambda _name: None)
    ran = typed("mcp", "--url", "http://127.0.0.1:1")
    assert (ran.code, ran.out) == (3, "")
    assert "pip install 'counterfoil[mcp]'" in ran.err

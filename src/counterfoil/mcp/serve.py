"""The server that an agent's program starts and speaks to over standard input and output."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import anyio
import jsonschema_rs
from anyio import to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.session import ServerSession
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Offered
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from counterfoil import __version__
from counterfoil.client import ApiError, Client, ClientError, Denied, Refused
from counterfoil.client.redact import redact
from counterfoil.mcp.tool import Tool
from counterfoil.mcp.tools import TOOLS

WATCH_S: Final = 300.0
"""So often a token is looked at by itself, which is on record; after a refusal it is at once."""

INSTRUCTIONS: Final = (
    "Tools for the content behind Counterfoil. You act by a token: what it may not do is not"
    " offered, and the list changes when the token does. Everything that you do is on record."
    " Read an entry before you change it, and name the version that you read."
)
_UNFIT: Final = re.compile(r"[^A-Za-z0-9 ._/+-]+")
_UNFIT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_CHARS: Final = 64


class Tools:
    """The tools that a token may use now, and whoever wants to know when they change."""

    def __init__(self, client: Client, agent: str = "") -> None:
        self._client = client
        self._agent = agent
        self._offered: tuple[str, ...] | None = None
        self._sessions: set[ServerSession] = set()
        self.bus = InMemorySubscriptionBus()

    async def offered(self) -> tuple[Tool, ...]:
        """Ask what the token may do now; tell everybody if that is not what it was."""
        try:
            who = await to_thread.run_sync(self._client.whoami)
        except Refused:
            found: tuple[Tool, ...] = ()
        else:
            found = tuple(tool for tool in TOOLS if tool.is_for(who))
        names = tuple(tool.name for tool in found)
        before, self._offered = self._offered, names
        if before not in {None, names}:
            await self._tell()
        return found

    async def list_tools(
        self, ctx: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        """Answer `tools/list`."""
        self._meet(ctx)
        return ListToolsResult(tools=[_shown(tool) for tool in await self.offered()])

    async def call_tool(
        self, ctx: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        """Answer `tools/call`: the server judges, and its refusal is told so that a model can act.

        What never reaches the server as a call is told it as one that was turned down here.

        Raises:
            MCPError: for a tool that there is not, or arguments that it does not take.
        """
        self._meet(ctx)
        tool = next((tool for tool in TOOLS if tool.name == params.name), None)
        if tool is None:
            await self._record(params.name, "unknown_tool")
            raise MCPError(INVALID_PARAMS, f"there is no tool {params.name[:80]!r}")
        said = params.arguments or {}
        unfit = jsonschema_rs.validator_for(tool.schema, mask="it").iter_errors(said)
        if (wrong := next(unfit, None)) is not None:
            await self._record(tool.name, "arguments")
            where = "/".join([params.name, *map(str, wrong.instance_path)])
            return _answer({"error": {"what": f"{where}: {wrong.message[:300]}"}}, bad=True)
        try:
            came = await to_thread.run_sync(tool.run, self._client, said)
        except ClientError as error:
            if isinstance(error, Refused | Denied):
                await self._look_again()
            return _answer({"error": _told(error, tool)}, bad=True)
        return _answer(came)

    async def _record(self, tool: str, why: str) -> None:
        """Have a call on record that never was one: its name, and nothing that it said."""
        told = {"tool": _UNFIT_IN_NAME.sub("-", redact(tool))[:_NAME_CHARS] or "-", "why": why}
        body = {"data": {"type": "agent_call", "attributes": told}}
        try:
            await to_thread.run_sync(
                lambda: self._client.wire.ask("POST", "/cma/token/turned_down", body=body)
            )
        except (Refused, Denied):
            await self._look_again()
        except ClientError:
            return  # the office cannot be reached: the answer stays what it is

    async def watch(self, every_s: float) -> None:
        """Look at the token again and again."""
        while True:
            await anyio.sleep(every_s)
            await self._look_again()

    async def _look_again(self) -> None:
        with suppress(ClientError):
            await self.offered()

    async def _tell(self) -> None:
        await self.bus.publish(ToolsListChanged())
        for session in list(self._sessions):
            try:
                await session.send_tool_list_changed()
            except (anyio.ClosedResourceError, anyio.BrokenResourceError):
                self._sessions.discard(session)

    def _meet(self, ctx: ServerRequestContext[Any]) -> None:
        """Learn who asks: older clients are told of changes by their session alone."""
        if ctx.protocol_version not in MODERN_PROTOCOL_VERSIONS:
            self._sessions.add(ctx.session)
        told = ctx.session.client_params
        name = self._agent or (told.client_info.name if told else "")
        self._client.wire.call_oneself(agent_of(name))


def agent_of(name: str) -> str:
    """Return what the program calls itself, with the agent that it says it is: nobody checks that.

    The audit trail keeps it beside user and token, spelled as it spells what DX's client claims.
    """
    claimed = _UNFIT.sub("-", name)[:_NAME_CHARS].strip()
    return f"counterfoil-mcp/{__version__}" + (f" (agent={claimed})" if claimed else "")


async def serve(client: Client, *, agent: str = "", watch_s: float = WATCH_S) -> None:
    """Serve tools over standard input and output until the input ends.

    Args:
        client: by whose token.
        agent: what the agent is called on record; what its program calls itself by default.
        watch_s: how often the token is looked at by itself.
    """
    tools = Tools(client, agent)
    server = Server(
        "counterfoil",
        version=__version__,
        title="Counterfoil",
        instructions=INSTRUCTIONS,
        on_list_tools=tools.list_tools,
        on_call_tool=tools.call_tool,
        on_subscriptions_listen=ListenHandler(tools.bus),
    )
    options = server.create_initialization_options(NotificationOptions(tools_changed=True))
    async with stdio_server() as (read, write), anyio.create_task_group() as group:
        group.start_soon(tools.watch, watch_s)
        await server.run(read, write, options)
        group.cancel_scope.cancel()


def _shown(tool: Tool) -> Offered:
    return Offered(
        name=tool.name,
        description=tool.told,
        input_schema=tool.schema,
        annotations=ToolAnnotations(
            read_only_hint=tool.does == "look",
            destructive_hint=tool.does == "remove",
            open_world_hint=False,
        ),
    )


def _answer(said: object, *, bad: bool = False) -> CallToolResult:
    text = json.dumps(said, ensure_ascii=False, default=_spelled)
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=json.loads(text),
        is_error=bad,
    )


def _spelled(value: object) -> object:
    return list(value) if isinstance(value, Sequence) else repr(value)


def _told(error: ClientError, tool: Tool) -> dict[str, object]:
    if not isinstance(error, ApiError):
        return {"what": redact(str(error))}
    parts: dict[str, object] = {
        "what": error.detail or str(error),
        "code": error.code,
        "field": error.field,
        "request_id": error.request_id,
    }
    if error.code == "INSUFFICIENT_SCOPE":
        parts["needs"] = error.meta.get("scope", tool.scope)
    return {name: part for name, part in parts.items() if part}

"""`counterfoil mcp`: the server that an agent's program starts and speaks to."""

from __future__ import annotations

from importlib.util import find_spec

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.numbers import DAY_S, Seconds
from counterfoil.cli.talking import Options, open_client, talks


@click.command()
@click.option("--agent", default="", metavar="NAME", help="What the agent is called on record.")
@click.option(
    "--watch",
    "watch_s",
    type=Seconds(0.1, DAY_S),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to see whether the token may do something else now.",
)
@talks
def mcp(options: Options, *, agent: str, watch_s: float) -> None:
    """Serve tools to an agent over standard input and output (Model Context Protocol).

    The tools are those that the token may use, and change with it; every call is judged and put on
    record by the server, with the name that the agent gives itself. A program starts this by its
    configuration, which `counterfoil init --agent` writes; the token comes from where every command
    takes it, best from a profile of its own.
    """
    if find_spec("mcp") is None:
        raise Stop(
            Exit.CONFIG,
            "This needs the package `mcp`, which is not installed",
            "pip install 'counterfoil[mcp]'",
        )
    import anyio

    from counterfoil.mcp.serve import serve

    with open_client(options) as client:
        anyio.run(lambda: serve(client, agent=agent, watch_s=watch_s))

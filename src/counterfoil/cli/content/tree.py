"""`counterfoil tree`: the places of the content tree, and what stands there."""

from __future__ import annotations

import sys
from typing import Final

import click

from counterfoil.cli.content.things import NODES, at_path
from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, talks, writes
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import resource, tie

_COLUMNS: Final = "id kind slug status updated_at"


@click.command()
@click.argument("path", default="/")
@talks
def ls(options: Options, path: str) -> None:
    """List what stands directly under a node, by its /path or id."""
    with open_client(options) as client:
        put_list(NODES.each(client, {"parent": at_path(client, path)}), _COLUMNS)


@click.command()
@click.argument("node")
@talks
def cat(options: Options, node: str) -> None:
    """Print what stands at a node: the bytes of a file; of anything else what is known of it."""
    with open_client(options) as client:
        id_ = at_path(client, node)
        found = NODES.get(client, id_)[0]
        if found["attributes"]["kind"] == "asset":
            answer = client.wire.ask("GET", f"/cma/assets/{id_}/file")
            sys.stdout.buffer.write(answer.raw)
            return
        if found["attributes"]["kind"] == "entry":
            found = client.wire.ask("GET", f"/cma/items/{id_}").data
    names = dict.fromkeys(("id", *found["attributes"], "slug", "updated_at"))
    put_one(found, " ".join(names))


@click.command()
@click.argument("node")
@click.argument("to")
@writes
def mv(options: Options, *, node: str, to: str) -> None:
    """Move a node below the node TO, both by /path or id. Its id stays, and so do its links.

    Tokens that are restricted to nodes reach it from now on if they reach the new place.
    """
    with open_client(options) as client:
        id_ = at_path(client, node)
        answer = NODES.patch(client, id_, {}, {"parent": tie("node", at_path(client, to))})
    moved = resource(answer)
    put_changed(moved, answer, f"✓ {id_of(moved)} stands under {to}")

"""`counterfoil api sync`: what gates know of a registered API becomes what files say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from counterfoil.cli.output import note, put_list
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.receipt import note_changed

if TYPE_CHECKING:
    from counterfoil.cli.api.files import Tree
    from counterfoil.cli.api.routes import Listed
    from counterfoil.client import Client


@click.command()
@click.argument("named", metavar="API")
@click.option("--routes", "routes_file", metavar="FILE", help="All of its routes; `-` reads them.")
@click.option("--tree", "tree_file", metavar="FILE", help="All of its resources; `-` reads them.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@talks
def sync(options: Options, named: str, routes_file: str | None, tree_file: str | None) -> None:
    """Bring the routes and the tree of a registered API, by id or by name, to what files say.

    A file is JSON: the document of the API, as `gates propose` prints it, or the list alone. Routes
    have methods, path, scope, and may have node and changes. Resources are rows: key, key of what
    it stands under or null, name. Doing it twice changes nothing more.
    """
    from counterfoil.cli.api import files
    from counterfoil.cli.api.routes import APIS

    if routes_file is None and tree_file is None:
        raise click.UsageError("Say --routes, --tree, or both.")
    if routes_file == tree_file == "-":
        raise click.UsageError("Standard input holds one of them.")
    routes = None if routes_file is None else files.routes(routes_file)
    tree = None if tree_file is None else files.tree(tree_file)
    rows = []
    with open_client(options) as client:
        id_ = APIS.id(client, named)
        if routes is not None:
            rows.append(_routes(client, id_, routes, dry_run=options.dry_run))
        if tree is not None:
            rows.append(_tree(client, id_, tree, dry_run=options.dry_run))
    put_list(rows, "part status written removed")
    if options.dry_run and not chosen().is_data:
        note("… a dry run: nothing has changed")


def _routes(client: Client, id_: str, wanted: Listed, *, dry_run: bool) -> dict[str, object]:
    from counterfoil.cli.api import foreseen
    from counterfoil.cli.api.routes import CLOSED, declare, declared, now

    there, version, match = now(client, id_)
    differs = wanted.differs(there)
    is_sent = bool(differs) or not version
    if is_sent and dry_run:
        foreseen.require_routes(client, id_, declared(wanted, there))
    elif is_sent:
        note_changed(declare(client, id_, wanted, there, match), "✓ the routes hold")
    removed = sum(after == CLOSED for _, after in differs.values())
    return _row("routes", is_new=not version, written=len(differs) - removed, removed=removed)


def _tree(client: Client, id_: str, wanted: Tree, *, dry_run: bool) -> dict[str, object]:
    from counterfoil.cli.api import foreseen

    is_new = not wanted.is_known(client, id_)
    if dry_run:
        foreseen.require_tree(wanted.document)
    written, removed = wanted.differs(client, id_) if dry_run else wanted.tell(client, id_)
    return _row("tree", is_new=is_new, written=written, removed=removed)


def _row(part: str, *, is_new: bool, written: int, removed: int) -> dict[str, object]:
    changed = "CREATED" if is_new else "UPDATED"
    status = changed if is_new or written or removed else "UP-TO-DATE"
    return {"part": part, "status": status, "written": written, "removed": removed}

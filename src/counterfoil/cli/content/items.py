"""`counterfoil content-item`: entries, one by one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.content.things import ITEMS, TYPES, at_path
from counterfoil.cli.output import put_done, put_list, put_one
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, talks, writes
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import resource, tie

if TYPE_CHECKING:
    from counterfoil.client import Client

_COLUMNS: Final = "id slug status item_type updated_at"
_MOST_BYTES: Final = 4 * 1024 * 1024
_DATA: Final = click.option("--data", help="Its content, as JSON; `@FILE` and `-` read it.")


@click.command("list")
@click.option("--type", "type_", help="Only entries of this type, by api_key or id.")
@click.option("--under", help="Only what stands below this node, by /path or id.")
@click.option("--query", help="Only entries in which these words stand.")
@talks
def list_(options: Options, *, type_: str | None, under: str | None, query: str | None) -> None:
    """List entries: where they stand, and whether they are published."""
    with open_client(options) as client:
        filters = {"type": type_, "query": query, "under": under and at_path(client, under)}
        put_list(ITEMS.each(client, {key: one for key, one in filters.items() if one}), _COLUMNS)


@click.command()
@click.argument("item")
@talks
def get(options: Options, item: str) -> None:
    """Print an entry, by /path or id."""
    with open_client(options) as client:
        found = ITEMS.get(client, at_path(client, item))[0]
    put_one(found, f"id slug status item_type parent {' '.join(found['attributes'])}")


@click.command()
@click.argument("parent")
@click.option("--type", "type_", required=True, help="Of which type, by api_key or id.")
@click.option("--slug", help="Its name in the tree.")
@_DATA
@writes
def create(
    options: Options, *, parent: str, type_: str, slug: str | None, data: str | None
) -> None:
    """Make an entry under the node PARENT. It is a draft until it is published."""
    content = _content(data)
    with open_client(options) as client:
        ties = {
            "parent": tie("node", at_path(client, parent)),
            "item_type": tie("item_type", TYPES.id(client, type_)),
        }
        document: dict[str, Any] = {
            "type": "item",
            "attributes": content,
            "relationships": {name: {"data": one} for name, one in ties.items()},
        }
        if slug:
            document["meta"] = {"slug": slug}
        made = resource(client.wire.create(ITEMS.path, {"data": document}))
    put_done(made, f"✓ {id_of(made)} is made; publish it: counterfoil content-item publish …")


@click.command()
@click.argument("item")
@_DATA
@writes
def edit(options: Options, *, item: str, data: str | None) -> None:
    """Change properties of an entry, by /path or id; what is not named stays."""
    content = _content(data)
    if not content:
        raise click.UsageError("Say what to change: --data '{\"title\": …}'.")
    with open_client(options) as client:
        changed = ITEMS.change(client, at_path(client, item), content)
    put_done(changed, f"✓ {id_of(changed)} is changed")


@click.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM…")
@writes
def publish(options: Options, *, items: tuple[str, ...]) -> None:
    """Publish entries, by /path or id: what is there now is what is delivered."""
    _each(options, items, "publish", "is published")


@click.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM…")
@writes
def unpublish(options: Options, *, items: tuple[str, ...]) -> None:
    """Take entries out of delivery, by /path or id."""
    _each(options, items, "unpublish", "is not delivered any more")


@click.command()
@click.argument("items", nargs=-1, required=True, metavar="ITEM…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, items: tuple[str, ...], yes: bool) -> None:
    """Put entries into the trash, by /path or id. From there they can be restored."""
    from counterfoil.cli.talking.rehearsal import for_each

    with open_client(options) as client:
        ids = [at_path(client, item) for item in items]
        agreed(f"Put {', '.join(items)} into the trash?", yes=yes or options.dry_run)
        for_each(ids, lambda id_: _trash(client, id_))


def _trash(client: Client, id_: str) -> None:
    answer = ITEMS.delete(client, id_)
    put_changed({"type": "item", "id": id_}, answer, f"✓ nod_{id_} is in the trash")


def _each(options: Options, items: tuple[str, ...], act: str, done: str) -> None:
    from counterfoil.cli.talking.rehearsal import for_each

    def do(id_: str) -> None:
        put_done(resource(client.wire.ask("PUT", ITEMS.at(id_, act))), f"✓ nod_{id_} {done}")

    with open_client(options) as client:
        for_each([at_path(client, item) for item in items], do)


def _content(data: str | None) -> dict[str, Any]:
    if data is None:
        return {}
    if data == "-":
        data = sys.stdin.read(_MOST_BYTES)
    elif data.startswith("@"):
        data = Path(data[1:]).read_text(encoding="utf-8")
    try:
        read = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(
            f"The content is not JSON: {error}.", param_hint="--data"
        ) from None
    if not isinstance(read, dict):
        raise click.BadParameter("The content is not a JSON object.", param_hint="--data")
    return read

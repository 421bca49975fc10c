"""`counterfoil gates propose`: a table of routes, made of what a gate was asked about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, put_document
from counterfoil.cli.talking import Options, open_client, talks

if TYPE_CHECKING:
    from counterfoil.routing.propose import Observed, Proposal
    from counterfoil.routing.table import Route

_ID: Final = re.compile(r"[a-z]{3}_[0-9]{16}")


@click.command()
@click.argument("recorded", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--api", default="", help="Which API, if several are in the file, by id or by name.")
@click.option("--strangers", is_flag=True, help="Heed requests without a token in force, too.")
@talks
def propose(options: Options, recorded: Path, api: str, *, strangers: bool) -> None:
    """Propose the routes of an API by what `counterfoil gate --record` wrote.

    It prints the document that declares them, for you to read and then to send, and says which
    scopes it takes and which of them each token needs. It changes nothing. The server is asked
    for the id of an API that you name; without a name it is not needed.
    """
    from counterfoil.routing.propose import propose as proposal_of
    from counterfoil.routing.table import ClashError

    seen = [one for one in _read(recorded, _id(options, api)) if strangers or one.token is not None]
    if not seen:
        raise Stop(Exit.NOT_FOUND, "Nothing was recorded by a token in force (see --strangers).")
    try:
        found = proposal_of(seen)
    except ClashError as error:
        raise Stop(
            Exit.CONFLICT, f"The table changed while it was recorded; begin a new file. {error}"
        ) from None
    routes = [_shown(route) for route in found.routes]
    put_document({"data": {"type": "api_routes", "attributes": {"routes": routes}}})
    _tell(found)


def _id(options: Options, api: str) -> str:
    """Return the id of the API that is named by id or by name; nothing if none is."""
    from counterfoil.cli.api.routes import APIS
    from counterfoil.kernel import ids
    from counterfoil.kernel.errors import NotFound
    from counterfoil.kernel.ids import Prefix

    if not api:
        return ""
    try:
        return ids.spell(Prefix.API, ids.read(Prefix.API, api))
    except NotFound:
        if _ID.fullmatch(api):
            raise Stop(Exit.USAGE, f"--api: {api} is no id of an API") from None
    with open_client(options) as client:
        return f"{Prefix.API}_{APIS.id(client, api)}"


def _read(path: Path, wanted: str) -> Sequence[Observed]:
    from counterfoil.gateway.recorder import recorded

    try:
        found = list(recorded(path, wanted))
    except ValueError as error:
        raise Stop(Exit.CONFIG, f"{path} holds something else: {error}") from None
    apis = sorted({one for one, _ in found})
    if len(apis) > 1:
        raise Stop(Exit.USAGE, f"Several APIs are in the file, say --api: {', '.join(apis)}")
    return [one for _, one in found]


def _shown(route: Route) -> dict[str, object]:
    said: dict[str, object] = {"methods": sorted(route.methods), "path": route.path}
    said |= {"scope": route.scope, "node": route.node}
    return said | {"changes": True} if route.changes else said


def _tell(found: Proposal) -> None:
    note(f"scopes   {' '.join(found.scopes)}")
    for token, scopes in found.needs.items():
        note(f"{token}  {' '.join(sorted(scopes))}")
    for path, words in found.merged.items():
        note(f"! {path} stands for {len(words)} words: {' '.join(words)}")
    note("! Read it before you declare it: does a GET of these change something?")

"""What a server would refuse of an API's routes and tree, in its words: a rehearsal refuses it too.

The rules are those of this version; one of a server that is newer or older is known to it alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from counterfoil.cli.api.routes import APIS
from counterfoil.cli.talking.things import resource

if TYPE_CHECKING:
    from counterfoil.client import Client


def require_routes(client: Client, id_: str, document: dict[str, Any]) -> None:
    """Return if a server would take these routes for an API that is there.

    Raises:
        ApiError: as the server would say it, but for the id of a request.
    """
    from counterfoil.directory.doors.wire_routes import RoutesBody, routes_of
    from counterfoil.directory.rules_routes import proper_routes
    from counterfoil.jsonapi.body import read_json

    with _as_answered():
        said = read_json(_raw(document), RoutesBody).data.attributes
        routes = routes_of(said)
    scopes = resource(client.wire.ask("GET", APIS.at(id_)))["attributes"]["scopes"]
    with _as_answered():
        proper_routes(routes, (one["name"] for one in scopes))


def require_tree(document: dict[str, Any]) -> None:
    """Return if a server would take this tree, unless it knows of a newer revision.

    Raises:
        ApiError: as `require_routes` says.
    """
    from counterfoil.directory import rules_routes as rules
    from counterfoil.directory.doors.wire_routes import TreeBody, tree_wish
    from counterfoil.jsonapi.body import read_json

    with _as_answered():
        wish = tree_wish(read_json(_raw(document), TreeBody).data.attributes)
        placed = rules.proper_placed(wish.placed)
        parents = {key: one.parent for key, one in placed.items()}
        rules.require_tree(parents, {key: at for at, key in enumerate(placed)})


def _raw(document: dict[str, Any]) -> bytes:
    """Return the body as it would be sent.

    Raises:
        Malformed: it is larger than a server reads.
    """
    from counterfoil.jsonapi.body import LARGEST
    from counterfoil.jsonapi.incoming import too_large

    raw = json.dumps(document).encode()
    if len(raw) > LARGEST:
        raise too_large(LARGEST)
    return raw


@contextmanager
def _as_answered() -> Iterator[None]:
    """Raise what a rule raises as the client raises it that hears it from a server."""
    from counterfoil.client.errors import kind_of
    from counterfoil.jsonapi.fault import fault
    from counterfoil.kernel.errors import CounterfoilError

    try:
        yield
    except CounterfoilError as error:
        told = fault(error, "")
        raise kind_of(told.status, told.code)(
            told.status, told.code, told.detail, field=told.field, meta=told.meta
        ) from None

"""Locks over HTTP: `/cma/nodes/{id}/lock`."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.content import lock
from counterfoil.content.doors import wire
from counterfoil.content.doors.wire_lock import LockShown, show_lock
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import NodeId, Prefix

_PATH: Final = "/cma/nodes/{id}/lock"


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/nodes/{id}/lock."""
    with asked.read() as work:
        found = lock.show_node_lock(work, _id(asked))
    return Answer(200, One(show_lock(found)))


def taken(asked: Asked) -> Answer:
    """Answer PUT /cma/nodes/{id}/lock."""
    with asked.work() as work:
        take = lock.lock_asset if lock.as_asset(work, _id(asked)) else lock.lock_node
        given = take(work, _id(asked))
    return Answer(200, One(show_lock(given)))


def released(asked: Asked) -> Answer:
    """Answer DELETE /cma/nodes/{id}/lock."""
    with asked.work() as work:
        release = lock.release_asset if lock.as_asset(work, _id(asked)) else lock.release_node
        release(work, _id(asked))
    return Answer(204)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


_route = partial(Route, section="Content", parts=(id_in("id", "The node.", Prefix.NODE),))

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        shown,
        "node.show_lock",
        "Show who has locked a node",
        gives={200: One[LockShown]},
    ),
    _route(
        "PUT",
        _PATH,
        taken,
        "node.lock",
        "Lock a node, or keep it locked, for as long as the policy says",
        instead=("asset.lock",),
        gives={200: One[LockShown]},
    ),
    _route(
        "DELETE",
        _PATH,
        released,
        "node.release",
        "Release a node",
        instead=("asset.release",),
        gives={204: None},
    ),
)

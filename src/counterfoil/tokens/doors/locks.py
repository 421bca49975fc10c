"""Locks on API tokens over HTTP: `/cma/api_tokens/{id}/lock`."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.content import LockShown, show_lock
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import Prefix
from counterfoil.tokens.api_token_lock import (
    lock_api_token,
    release_api_token,
    show_api_token_lock,
)
from counterfoil.tokens.doors.shared import token_id

_PATH: Final = "/cma/api_tokens/{id}/lock"


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/api_tokens/{id}/lock."""
    with asked.read() as work:
        found = show_api_token_lock(work, token_id(asked))
    return Answer(200, One(show_lock(found)))


def taken(asked: Asked) -> Answer:
    """Answer PUT /cma/api_tokens/{id}/lock."""
    with asked.work() as work:
        given = lock_api_token(work, token_id(asked))
    return Answer(200, One(show_lock(given)))


def released(asked: Asked) -> Answer:
    """Answer DELETE /cma/api_tokens/{id}/lock."""
    with asked.work() as work:
        release_api_token(work, token_id(asked))
    return Answer(204)


_route = partial(Route, section="API tokens", parts=(id_in("id", "The token.", Prefix.TOKEN),))

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        shown,
        "api_token.show_lock",
        "Show who has locked an API token",
        gives={200: One[LockShown]},
    ),
    _route(
        "PUT",
        _PATH,
        taken,
        "api_token.lock",
        "Lock an API token, or keep it locked, for as long as the policy says",
        gives={200: One[LockShown]},
    ),
    _route(
        "DELETE", _PATH, released, "api_token.release", "Release an API token", gives={204: None}
    ),
)

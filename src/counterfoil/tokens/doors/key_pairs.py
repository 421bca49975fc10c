"""Key-and-secret pairs over HTTP."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import One, Paged
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.operation import Work
from counterfoil.tokens.doors.examples import NEW_PAIR, PAIR
from counterfoil.tokens.doors.lent import change, described, described_all, made, newcomer, wanted
from counterfoil.tokens.doors.shared import (
    EDITING,
    MAKING,
    shown,
    taken,
    token_id,
)
from counterfoil.tokens.doors.sought import SEEKING, STATES, order, sought
from counterfoil.tokens.doors.wire import (
    ApiTokenBody,
)
from counterfoil.tokens.doors.wire_token import (
    KeyPair,
    Revealed,
)
from counterfoil.tokens.key_pair import (
    create_pair,
    disable_pair,
    edit_pair,
    enable_pair,
    list_pairs,
    revoke_pair,
    show_pair,
)
from counterfoil.tokens.model import Token
from counterfoil.tokens.sought import NEWEST
from counterfoil.tokens.wish import Wish

_PATH: Final = "/cma/key_pairs"
_route = partial(Route, section="Key-and-secret pairs")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/key_pairs."""
    wanted = cursor.wanted(asked, _PATH)
    wish, by = sought(asked.query), order(asked.query, NEWEST)
    with asked.read() as work:
        page = list_pairs(work, wanted, wish, by)
        data = described_all(work, page.items)
    return Answer(200, cursor.paged(asked, _PATH, page, data))


def created(asked: Asked) -> Answer:
    """Answer POST /cma/key_pairs: the id is the key, the secret is shown once."""
    data = newcomer(asked, "key_pair")
    with asked.work() as work:
        return made(work, create_pair(work, wanted(work, data)), _PATH)


def found(asked: Asked) -> Answer:
    """Answer GET /cma/key_pairs/{id}."""
    with asked.read() as work:
        token = show_pair(work, token_id(asked))
        return shown(described(work, token), token.version)


def renamed(asked: Asked) -> Answer:
    """Answer PATCH /cma/key_pairs/{id}: name, description, an earlier end, on or off."""
    data, id_ = change(asked, "key_pair"), token_id(asked)
    with asked.work() as work:
        token = _changed(work, id_, wanted(work, data), asked.if_match())
        body = described(work, token)
    return taken(body, token.version, work.position)


def _changed(work: Work, id_: TokenId, wish: Wish, version: int | None) -> Token:
    """Edit, or switch off and on, or both: of the version that was seen."""
    if isinstance(wish.enabled, UnsetType):
        return edit_pair(work, id_, wish, version)
    turn = enable_pair if wish.enabled else disable_pair
    if wish == Wish(enabled=wish.enabled):
        return turn(work, id_, version)
    edit_pair(work, id_, replace(wish, enabled=UNSET), version)
    return turn(work, id_)


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/key_pairs/{id}; again and again the same."""
    with asked.work() as work:
        token = revoke_pair(work, token_id(asked))
        body = described(work, token)
    return taken(body, token.version, token.revoked_position or work.position)


_one = partial(_route, parts=(id_in("id", "The pair.", Prefix.TOKEN),), gives={200: One[KeyPair]})

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "key_pair.list",
        "List pairs",
        gives={200: Paged[KeyPair]},
        query=(*PAGING, STATES, *SEEKING),
    ),
    _route(
        "POST",
        _PATH,
        created,
        "key_pair.create",
        "Make a pair",
        gives={201: Revealed[KeyPair]},
        takes=ApiTokenBody,
        example=NEW_PAIR,
        idempotent=True,
        fails=MAKING,
    ),
    _one("GET", f"{_PATH}/{{id}}", found, "key_pair.show", "Show a pair"),
    _one(
        "PATCH",
        f"{_PATH}/{{id}}",
        renamed,
        "key_pair.edit",
        "Rename a pair, or switch it off and on",
        also=("key_pair.disable", "key_pair.enable"),
        takes=ApiTokenBody,
        example=PAIR,
        versioned=True,
        fails=EDITING,
    ),
    _one(
        "DELETE",
        f"{_PATH}/{{id}}",
        revoked,
        "key_pair.revoke",
        "Revoke a pair and what was given for it",
    ),
)
"""What the office serves of pairs."""

"""A credential asks who it is, and gives itself up."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi.given import Effect, Given, One, etag
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Denied
from counterfoil.secret import Kind
from counterfoil.tokens.doors import lent, owned
from counterfoil.tokens.doors.wire_caller import CallerShown, show_caller
from counterfoil.tokens.doors.wire_token import Lent, PersonalToken
from counterfoil.tokens.revoke import surrender
from counterfoil.tokens.show import show_self

_PATH: Final = "/cma/token"
_route = partial(Route, section="The token itself")


class Surrendered(Given, frozen=True):
    """A document with the token that gave itself up."""

    data: PersonalToken | Lent
    meta: Effect


def found(asked: Asked) -> Answer:
    """Answer GET /cma/token: who asks, and what they may do now."""
    with asked.read() as work:
        holder = show_self(work)
        body = show_caller(asked.caller, holder, work.now, work.vocabulary())
    return Answer(200, One(body))


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/token: the token is revoked with which this was asked."""
    with asked.work() as work:
        if asked.caller.token is None:
            raise Denied(Code.CREDENTIAL_KIND_NOT_ADMITTED, "No token asks.")
        token = surrender(work, asked.caller.token)
        own = token.kind is Kind.PERSONAL
        body = owned.described(work, token) if own else lent.described(work, token)
    position = token.revoked_position or work.position
    done = Surrendered(data=body, meta=Effect(effective="host", position=position))
    return Answer(200, done, etag(token.version))


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        found,
        "token.show_self",
        "Who am I, and what may I do now",
        gives={200: One[CallerShown]},
    ),
    _route(
        "DELETE",
        _PATH,
        revoked,
        "token.surrender",
        "Revoke the token with which this is asked",
        gives={200: Surrendered},
    ),
)
"""What every token may ask of itself."""

"""A credential asks who it is, and gives itself up."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi.document import document
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Denied
from counterfoil.tokens.doors.shared import taken
from counterfoil.tokens.doors.wire_show import show_caller, show_token
from counterfoil.tokens.revoke import surrender
from counterfoil.tokens.show import show_self

_PATH: Final = "/cma/token"
_route = partial(Route, section="The token itself")


def found(asked: Asked) -> Answer:
    """Answer GET /cma/token: who asks, and what they may do now."""
    with asked.read() as work:
        holder = show_self(work)
        body = show_caller(asked.caller, holder.token, work.now, work.vocabulary())
    return Answer(200, document(body))


def revoked(asked: Asked) -> Answer:
    """Answer DELETE /cma/token: the token is revoked with which this was asked."""
    with asked.work() as work:
        if asked.caller.token is None:
            raise Denied(Code.CREDENTIAL_KIND_NOT_ADMITTED, "No token asks.")
        token = surrender(work, asked.caller.token)
        body = show_token(token, asked.caller.organization, work.now, work.vocabulary())
    return taken(body, token.version, token.revoked_position or work.position)


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        found,
        "token.show_self",
        "Who am I, and what may I do now",
    ),
    _route(
        "DELETE",
        _PATH,
        revoked,
        "token.surrender",
        "Revoke the token with which this is asked",
    ),
)
"""What every token may ask of itself."""

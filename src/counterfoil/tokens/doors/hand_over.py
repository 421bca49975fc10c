"""Handing over what rests on a member, over HTTP."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi.body import Body, require_same_id
from counterfoil.jsonapi.given import Effect, Given, Identifier
from counterfoil.jsonapi.parameter import SAMPLE, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.secret import Kind
from counterfoil.tokens.hand_over import FIELD, hand_over

_TYPES: Final = {Kind.SERVICE: "api_token", Kind.CLIENT: "key_pair"}


class Heir(Body, frozen=True):
    """Whose permissions it takes from now on."""

    type: Literal["user"]
    id: str


class ToHeir(Body, frozen=True):
    """The relationship with them."""

    data: Heir


class Heirs(Body, frozen=True):
    """Who takes over."""

    user: ToHeir


class Leaver(Body, frozen=True):
    """The user in the address, with who takes over."""

    type: Literal["user"]
    relationships: Heirs
    id: str | UnsetType = UNSET


class HandOver(Body, frozen=True):
    """The document that names them."""

    data: Leaver


class HandedOver(Given, frozen=True):
    """What changed hands: API tokens and pairs."""

    data: list[Identifier]
    meta: Effect


def handed_over(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/hand_over."""
    id_ = UserId(ids.read(Prefix.USER, asked.params["id"]))
    said = asked.struct(HandOver).data
    require_same_id(said.id, Prefix.USER, id_)
    try:
        to = UserId(ids.read(Prefix.USER, said.relationships.user.data.id))
    except NotFound:
        raise Invalid(Code.INVALID_FIELD, "This is no id of a user.", field=FIELD) from None
    with asked.work() as work:
        done = hand_over(work, id_, to)
    data = [Identifier(type=_TYPES[one.kind], id=str(one.id)) for one in done]
    return Answer(200, HandedOver(data, Effect(effective="host", position=work.position)))


ROUTES: Final = (
    Route(
        "POST",
        "/cma/users/{id}/hand_over",
        handed_over,
        "member.hand_over",
        "Have all API tokens and pairs that take a member's permissions take another member's",
        also=("token.pass_on",),
        gives={200: HandedOver},
        section="Users",
        parts=(id_in("id", "The user.", Prefix.USER),),
        takes=HandOver,
        example={
            "data": {
                "type": "user",
                "relationships": {"user": {"data": {"type": "user", "id": SAMPLE}}},
            }
        },
        fails=(Code.INSUFFICIENT_ROLE, Code.CONFLICT, Code.POLICY_BLOCKED),
    ),
)
"""What the office serves of handing over."""

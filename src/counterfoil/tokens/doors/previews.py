"""Changes of members and roles over HTTP that nobody has made yet: what they would do to tokens."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.directory.doors.examples import ROLE, USER
from counterfoil.directory.doors.wire import RoleBody, UserBody, role_change, role_ids
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, RoleId, UserId
from counterfoil.tokens.doors.wire_stakes import StakesShown, show_stakes
from counterfoil.tokens.preview_member import preview_end, preview_roles
from counterfoil.tokens.preview_role import preview_role

_FIELD: Final = "/data/attributes/active"


def member_previewed(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/preview: other roles, or shut out; one of the two."""
    id_ = UserId(ids.read(Prefix.USER, asked.params["id"]))
    data = asked.struct(UserBody).data
    require_same_id(data.id, Prefix.USER, id_)
    shut_out = data.attributes.active
    if (data.relationships is UNSET) == (shut_out is UNSET) or shut_out is True:
        told = "Say either which roles, or that they are no longer active."
        raise Invalid(Code.INVALID_FIELD, told, field=_FIELD)
    roles = None if data.relationships is UNSET else role_ids(data.relationships)
    with asked.read() as work:
        stakes = preview_end(work, id_) if roles is None else preview_roles(work, id_, roles)
        shown = show_stakes(stakes, work.vocabulary())
    return Answer(200, One(shown))


def role_previewed(asked: Asked) -> Answer:
    """Answer POST /cma/roles/{id}/preview: what is absent stays."""
    id_ = RoleId(ids.read(Prefix.ROLE, asked.params["id"]))
    data = asked.struct(RoleBody).data
    require_same_id(data.id, Prefix.ROLE, id_)
    with asked.read() as work:
        words = work.vocabulary()
        stakes = preview_role(work, id_, partial(role_change, data.attributes, words=words))
        shown = show_stakes(stakes, words)
    return Answer(200, One(shown))


_gives = partial(Route, gives={200: One[StakesShown]})

ROUTES: Final = (
    _gives(
        "POST",
        "/cma/users/{id}/preview",
        member_previewed,
        "member.preview",
        "Say what a member's tokens would lose by other roles, or by the member being shut out",
        also=("member.preview_end",),
        section="Users",
        parts=(id_in("id", "The user.", Prefix.USER),),
        takes=UserBody,
        example=USER,
        fails=(Code.LAST_ADMIN, Code.INSUFFICIENT_ROLE),
    ),
    _gives(
        "POST",
        "/cma/roles/{id}/preview",
        role_previewed,
        "role.preview",
        "Say which tokens would do more or less if a role changed",
        section="Roles and scopes",
        parts=(id_in("id", "The role.", Prefix.ROLE),),
        takes=RoleBody,
        example=ROLE,
        fails=(Code.INSUFFICIENT_ROLE, Code.CONFLICT),
    ),
)
"""What the office serves of changes before they are made; it changes nothing."""

"""Users, roles, organizations and policies as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from counterfoil.access.networks import MOST, read_networks
from counterfoil.access.role import Role
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope, Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.presets import Approval, Authority, LeakAction, ScopeMode, Second, Span
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.jsonapi.body import Body
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, RoleId

_AT: Final = "/data/attributes/"


class RoleName(Body, frozen=True):
    """A role by its id."""

    type: Literal["role"]
    id: str


class RoleNames(Body, frozen=True):
    """The roles of a member."""

    data: list[RoleName]


class Holding(Body, frozen=True):
    """What a member is related to."""

    roles: RoleNames


class NewUserAttributes(Body, frozen=True):
    """A service user has no e-mail address and never signs in."""

    name: str
    email: str | UnsetType = UNSET
    kind: Literal["person", "service"] = "person"


class NewUser(Body, frozen=True):
    """A new member."""

    type: Literal["user"]
    attributes: NewUserAttributes
    relationships: Holding


class NewUserBody(Body, frozen=True):
    """The document that enrols a member."""

    data: NewUser


class UserAttributes(Body, frozen=True):
    """What may be changed of a member."""

    active: bool | UnsetType = UNSET


class ChangedUser(Body, frozen=True):
    """A member with what changes."""

    type: Literal["user"]
    id: str | UnsetType = UNSET
    attributes: UserAttributes = field(default_factory=UserAttributes)
    relationships: Holding | UnsetType = UNSET


class UserBody(Body, frozen=True):
    """The document that changes a member."""

    data: ChangedUser


class RoleAttributes(Body, frozen=True):
    """A role: its name, its scopes and where they hold. The flags stand for one scope each."""

    name: str | UnsetType = UNSET
    scopes: list[str] | UnsetType = UNSET
    roots: list[str] | UnsetType | None = UNSET
    can_manage_access_tokens: bool | UnsetType = UNSET
    can_manage_users: bool | UnsetType = UNSET
    can_access_audit_log: bool | UnsetType = UNSET
    can_edit_schema: bool | UnsetType = UNSET


class RoleData(Body, frozen=True):
    """A role, new or changed."""

    type: Literal["role"]
    attributes: RoleAttributes
    id: str | UnsetType = UNSET


class RoleBody(Body, frozen=True):
    """The document that makes or changes a role."""

    data: RoleData


class Identified(Protocol):
    """What may say which resource it is."""

    @property
    def id(self) -> str | UnsetType:
        """Its id; absent where the address is enough."""
        ...


Maybe: TypeAlias = str | UnsetType | None
Ranges: TypeAlias = Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(max_length=MOST)]


class PolicyAttributes(Body, frozen=True):
    """What may be set of a policy; what is absent stays."""

    preset: str | UnsetType = UNSET
    quota: int | UnsetType | None = UNSET
    approval: Approval | UnsetType = UNSET
    approval_scopes: list[str] | UnsetType | None = UNSET
    approval_writes: bool | UnsetType = UNSET
    approval_lifetime: Maybe = UNSET
    approval_second: Second | UnsetType = UNSET
    lifetime_max: Maybe = UNSET
    lifetime_default: Maybe = UNSET
    allow_no_expiration: bool | UnsetType = UNSET
    scope_mode_default: ScopeMode | UnsetType = UNSET
    span: Span | UnsetType = UNSET
    api_token_authority: Authority | UnsetType = UNSET
    api_tokens_start_enabled: bool | UnsetType = UNSET
    admins_only_api_tokens: bool | UnsetType = UNSET
    creations_per_hour: int | UnsetType | None = UNSET
    request_lapse: str | UnsetType = UNSET
    management_limit: int | UnsetType = UNSET
    management_window_ms: int | UnsetType = UNSET
    delivery_rate: float | UnsetType | None = UNSET
    audit_strict: bool | UnsetType = UNSET
    regenerate_allowed: bool | UnsetType = UNSET
    cascade: bool | UnsetType = UNSET
    token_roles: list[str] | UnsetType | None = UNSET
    ip_ranges: Ranges | UnsetType | None = UNSET
    idle_days: int | UnsetType | None = UNSET
    lock_minutes: int | UnsetType = UNSET
    exchange_allowed: bool | UnsetType = UNSET
    leak_action: LeakAction | UnsetType = UNSET
    provider_only: bool | UnsetType = UNSET
    enforce_at: str | UnsetType | None = UNSET


class PolicyData(Body, frozen=True):
    """A policy with what changes."""

    type: Literal["token_policy"]
    attributes: PolicyAttributes
    id: str | UnsetType = UNSET


class PolicyBody(Body, frozen=True):
    """The document that changes a policy."""

    data: PolicyData


def policy_changes(attributes: PolicyAttributes) -> tuple[dict[str, Any], str | None]:
    """Return which fields of a policy a body changes, and with which preset it begins again."""
    changes = given(attributes)
    at = changes.get("enforce_at")
    if at is not None:
        changes["enforce_at"] = read_instant(at, f"{_AT}enforce_at")
    if changes.get("ip_ranges") is not None:
        told = read_networks(changes["ip_ranges"], f"{_AT}ip_ranges")
        changes["ip_ranges"] = told.spelled
    if changes.get("approval_scopes") is not None:
        changes["approval_scopes"] = tuple(dict.fromkeys(changes["approval_scopes"]))
    if changes.get("token_roles") is not None:
        roles = enumerate(changes["token_roles"])
        ids_ = (id_in(Prefix.ROLE, role, f"{_AT}token_roles/{place}") for place, role in roles)
        changes["token_roles"] = tuple(sorted({str(one) for one in ids_}))
    return changes, changes.pop("preset", None)


FLAGS: Final[Mapping[str, Scope]] = {
    "can_manage_access_tokens": Scope.TOKENS_MANAGE,
    "can_manage_users": Scope.USERS_MANAGE,
    "can_access_audit_log": Scope.AUDIT_READ,
    "can_edit_schema": Scope.CONTENT_TYPES_WRITE,
}


def given(struct: Body) -> dict[str, Any]:
    """Return the members of a struct that the caller gave."""
    named = ((name, getattr(struct, name)) for name in struct.__struct_fields__)
    return {name: value for name, value in named if value is not UNSET}


def id_in(prefix: Prefix, text: str, field_: str) -> int:
    """Read an id in a body, or raise Invalid that points at it."""
    try:
        return ids.read(prefix, text)
    except NotFound:
        raise Invalid(Code.INVALID_FIELD, "There is none with this id.", field=field_) from None


def newcomer_of(attributes: NewUserAttributes) -> Newcomer:
    """Return who is to become a member."""
    person = attributes.kind == "person"
    if person != (attributes.email is not UNSET):
        raise Invalid(
            Code.INVALID_FIELD,
            "A person has an e-mail address and a service user has none.",
            field=f"{_AT}email",
        )
    return Newcomer(attributes.name, None if attributes.email is UNSET else attributes.email)


def role_ids(holding: Holding) -> list[RoleId]:
    """Read the roles that a body names."""
    at = "/data/relationships/roles/data"
    return [
        RoleId(id_in(Prefix.ROLE, name.id, f"{at}/{place}/id"))
        for place, name in enumerate(holding.roles.data)
    ]


def scopes_of(attributes: RoleAttributes, before: Scopes, words: Vocabulary) -> Scopes:
    """Return a role's scopes: the list if there is one, and then flag by flag."""
    mask = before if attributes.scopes is UNSET else words.read(attributes.scopes)
    for flag, scope in FLAGS.items():
        value = getattr(attributes, flag)
        if value is not UNSET:
            mask = mask | scope.bit if value else mask & words.supported & ~scope.bit
    return mask


def roots_of(attributes: RoleAttributes, before: Roots) -> Roots:
    """Return a role's roots: null is everywhere, absent is as before."""
    if attributes.roots is UNSET or attributes.roots is None:
        return before if attributes.roots is UNSET else None
    return frozenset(
        NodeId(id_in(Prefix.NODE, root, f"{_AT}roots/{place}"))
        for place, root in enumerate(attributes.roots)
    )


def role_change(attributes: RoleAttributes, before: Role, words: Vocabulary) -> Role:
    """Return a role with what a body changes of it; what is absent stays."""
    return replace(
        before,
        name=before.name if attributes.name is UNSET else attributes.name,
        scopes=scopes_of(attributes, before.scopes, words),
        roots=roots_of(attributes, before.roots),
    )

"""What comes in: the bodies that the token doors read, and the wishes they express."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scopes
from counterfoil.access.surface import Surface, Surfaces, surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.body import Body
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.tokens.doors.wire_conditions import AT as _AT
from counterfoil.tokens.doors.wire_conditions import Conditioned, conditions_of
from counterfoil.tokens.policy import no_such_root
from counterfoil.tokens.wish import Wish

MOST_ROOTS: Final = 100
_MOST_SCOPES: Final = 200
_MOST_REMINDERS: Final = 3

ScopeNames: TypeAlias = Annotated[list[str], Meta(max_length=_MOST_SCOPES)]
NodeIds: TypeAlias = Annotated[list[str], Meta(max_length=MOST_ROOTS)]
SurfaceName: TypeAlias = Literal["delivery", "preview", "management"]
Reminders: TypeAlias = Annotated[list[Literal[1, 7, 30]], Meta(max_length=_MOST_REMINDERS)]


class TokenAttributes(Conditioned, frozen=True):
    """What any token may be told about itself; what is absent has a default, or stays.

    `scopes` is null in scope mode `inherit`; `roots` is null for everywhere and empty for nowhere.
    """

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    scope_mode: Literal["inherit", "explicit"] | UnsetType = UNSET
    scopes: ScopeNames | UnsetType | None = UNSET
    roots: NodeIds | UnsetType | None = UNSET
    surfaces: list[SurfaceName] | UnsetType = UNSET
    expires_at: str | UnsetType | None = UNSET


class OwnAttributes(TokenAttributes, frozen=True):
    """What a personal token may be told: so many days before its end its owner is reminded."""

    reminders: Reminders | UnsetType = UNSET


class NewPersonalAttributes(OwnAttributes, frozen=True):
    """A personal token to be. `span` is `all` for one that speaks in all of one's organizations."""

    justification: str = ""
    span: Literal["one", "all"] | UnsetType = UNSET


class NewPersonal(Body, frozen=True):
    """A personal token to be."""

    type: Literal["personal_access_token"]
    attributes: NewPersonalAttributes


class NewPersonalBody(Body, frozen=True):
    """The document that asks for a personal token."""

    data: NewPersonal


class PersonalAttributes(OwnAttributes, frozen=True):
    """What changes of a personal token."""

    justification: str = ""
    enabled: bool | UnsetType = UNSET


class ChangedPersonal(Body, frozen=True):
    """A personal token with what changes."""

    type: Literal["personal_access_token"]
    attributes: PersonalAttributes
    id: str | UnsetType = UNSET


class PersonalBody(Body, frozen=True):
    """The document that changes a personal token."""

    data: ChangedPersonal


class NarrowerAttributes(Conditioned, frozen=True):
    """Less than was asked; what is absent is approved as asked. Whoever asked reads the reason."""

    scopes: ScopeNames | UnsetType = UNSET
    roots: NodeIds | UnsetType = UNSET
    surfaces: list[SurfaceName] | UnsetType = UNSET
    expires_at: str | UnsetType = UNSET
    reason: str = ""


class Approval(Body, frozen=True):
    """A request that is approved."""

    type: Literal["token_request"]
    attributes: NarrowerAttributes = field(default_factory=NarrowerAttributes)
    id: str | UnsetType = UNSET


class ApprovalBody(Body, frozen=True):
    """The document that approves a request."""

    data: Approval


class DenialAttributes(Body, frozen=True):
    """Why a request is denied; a withdrawal needs no reason."""

    reason: str = ""


class Denial(Body, frozen=True):
    """A request that is denied or withdrawn."""

    type: Literal["token_request"]
    attributes: DenialAttributes = field(default_factory=DenialAttributes)
    id: str | UnsetType = UNSET


class DenialBody(Body, frozen=True):
    """The document that denies or withdraws a request."""

    data: Denial


class Named(Body, frozen=True):
    """A role or user by its id."""

    type: Literal["role", "user"]
    id: str


class Lender(Body, frozen=True):
    """Who lends the authority; null for nobody yet."""

    data: Named | None


class Lenders(Body, frozen=True):
    """Whose authority a token takes: of a role or of a user."""

    role: Lender | UnsetType = UNSET
    user: Lender | UnsetType = UNSET


class ApiTokenAttributes(TokenAttributes, frozen=True):
    """An API token or a pair. `enabled` has the default of the policy."""

    enabled: bool | UnsetType = UNSET


class ApiTokenChange(Body, frozen=True):
    """An API token or a key-and-secret pair, new or changed."""

    type: Literal["api_token", "key_pair"]
    attributes: ApiTokenAttributes = field(default_factory=ApiTokenAttributes)
    relationships: Lenders = field(default_factory=Lenders)
    id: str | UnsetType = UNSET


class ApiTokenBody(Body, frozen=True):
    """The document that makes or changes an API token or a pair."""

    data: ApiTokenChange


def wish_of(
    said: TokenAttributes | NarrowerAttributes,
    words: Vocabulary,
    **more: Any,  # noqa: ANN401 - as in Wish
) -> Wish:
    """Return what these attributes express, with what stands elsewhere in the document."""
    inherit: bool | UnsetType = UNSET
    if isinstance(said, TokenAttributes):
        more = {"name": said.name, "description": said.description, **more}
        if said.scope_mode is not UNSET:
            inherit = said.scope_mode == "inherit"
    if isinstance(said, OwnAttributes) and not isinstance(said.reminders, UnsetType):
        more = {"reminders": frozenset(said.reminders), **more}
    if said.scopes is None and inherit is False:
        raise Invalid(
            Code.INVALID_FIELD, "In scope mode explicit, name the scopes.", field=f"{_AT}/scopes"
        )
    return Wish(
        inherit=True if said.scopes is None else inherit,
        scopes=_scopes(said.scopes, words),
        roots=_roots(said.roots),
        surfaces=_surfaces(said.surfaces),
        expires_at=_instant(said.expires_at),
        **conditions_of(said),
        **more,
    )


def lender_of(said: Lenders) -> dict[str, Any]:
    """Return whose authority is wanted, in the words of a wish; empty if nothing is said."""
    found = {
        name: lender.data
        for name, lender in (("role", said.role), ("user", said.user))
        if not isinstance(lender, UnsetType)
    }
    if not found:
        return {}
    if len(found) > 1:
        raise _lender("user", "A token takes the authority of a role or of a user: name one.")
    authority, named = next(iter(found.items()))
    if named is None:
        return {"authority": authority, "subject": None}
    if named.type != authority:
        raise _lender(f"{authority}/data/type", f"This names a {authority}.")
    prefix = Prefix.ROLE if authority == "role" else Prefix.USER
    try:
        return {"authority": authority, "subject": ids.read(prefix, named.id)}
    except NotFound:
        raise _lender(
            f"{authority}/data/id", f"There is no such {authority} in this organization."
        ) from None


def no_id(said: str | UnsetType) -> None:
    """Return if a body leaves it to the office to give an id."""
    if not isinstance(said, UnsetType):
        raise Invalid(Code.INVALID_FIELD, "Ids are given by the office.", field="/data/id")


def _lender(at: str, detail: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=f"/data/relationships/{at}")


def _scopes(said: list[str] | UnsetType | None, words: Vocabulary) -> Scopes | UnsetType:
    return UNSET if isinstance(said, UnsetType) or said is None else words.read(said)


def _roots(said: list[str] | UnsetType | None) -> Roots | UnsetType:
    if isinstance(said, UnsetType) or said is None:
        return said
    found: list[NodeId] = []
    for place, text in enumerate(said):
        try:
            found.append(NodeId(ids.read(Prefix.NODE, text)))
        except NotFound:
            raise no_such_root(place) from None
    return frozenset(found)


def _surfaces(said: list[SurfaceName] | UnsetType) -> Surfaces | UnsetType:
    if isinstance(said, UnsetType):
        return UNSET
    return surfaces(*(Surface(name) for name in said))


def _instant(said: str | UnsetType | None) -> datetime | UnsetType | None:
    if isinstance(said, UnsetType) or said is None:
        return said
    return read_instant(said, f"{_AT}/expires_at")

"""Tokens as they go out. A secret goes out once, in `token`, and a warning beside it (G12a)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from msgspec import UNSET, Struct, UnsetType, structs

from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import Effect, Given, Id, Instant, OnRecord, ToOne, to_one
from counterfoil.kernel.ids import OrganizationId
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.doors.wire_bounds import bound_facts
from counterfoil.tokens.doors.wire_use import UseFacts
from counterfoil.tokens.model import LIVE, Authority, State, Token
from counterfoil.tokens.request_model import Request

T = TypeVar("T")

StateName: TypeAlias = Literal[
    "pending", "active", "disabled", "expired", "revoked", "denied", "lapsed"
]

_WARNING: Final = (
    "Copy it now: it is shown this once. Keep it in a secret store, or in a file that only you can "
    "read and that .gitignore names, like .env."
)


_DRAFTS: Final = (
    "The user behind this token may write, and the preview surface is on: it shows what is not "
    "published yet. Choose a user who only reads, or switch preview off."
)


class Warned(OnRecord, frozen=True):
    """What stands beside a secret; how many people could approve, if somebody has to.

    Who repeats a request by its Idempotency-Key is told instead that the secret was shown before.
    """

    warning: str | UnsetType = UNSET
    approvers: int | UnsetType = UNSET
    secret_already_shown: bool | UnsetType = UNSET


class Revealed(Struct, Generic[T], frozen=True):
    """A document with a secret in `token`: the one answer that holds it."""

    data: T
    meta: Warned


class TurnedEffect(Effect, frozen=True):
    """What stands beside another secret. The former one is over from this position on.

    Who let it live on for some time has that time from there.
    """

    warning: str | UnsetType = UNSET
    secret_already_shown: bool | UnsetType = UNSET


class Turned(Struct, Generic[T], frozen=True):
    """A document with another secret in `token`: the one answer that holds it."""

    data: T
    meta: TurnedEffect


class TokenFacts(UseFacts, frozen=True):
    """What is known of a token. `token` is its secret in the answer that makes it, else null."""

    name: str
    description: str
    kind: Literal["personal", "service", "client", "exchanged"]
    state: StateName
    enabled: bool
    span: Literal["one", "all"]
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    token_hint: str | None
    token: str | None
    version: int


class LentFacts(TokenFacts, frozen=True):
    """What is known of a token that takes its authority from a role or a user."""

    authority: Authority
    hardcoded_type: str | None


class PersonalFacts(TokenFacts, frozen=True):
    """What is known of a personal token; so many days before its end its owner is reminded."""

    reminders: list[int]


class PersonalTies(Given, frozen=True):
    """Whose a personal token is; its open request; the token that it succeeds."""

    organization: ToOne
    owner: ToOne
    request: ToOne
    predecessor: ToOne


class LentTies(Given, frozen=True):
    """Whose authority a token takes, and who made it with which token."""

    organization: ToOne
    role: ToOne
    user: ToOne
    issuer: ToOne
    issuer_token: ToOne


class Place(Given, frozen=True):
    """What a token is in one organization."""

    id: Id
    state: State


class Places(Given, frozen=True):
    """The organizations in which a token speaks, as its owner sees them."""

    organizations: list[Place]


class PersonalToken(Given, frozen=True, tag_field="type", tag="personal_access_token"):
    """A personal access token. `meta` is there if it speaks in several organizations."""

    id: Id
    attributes: PersonalFacts
    relationships: PersonalTies
    meta: Places | UnsetType = UNSET


class Noted(Given, frozen=True):
    """What to think of before a token is used."""

    warning: str


class ApiToken(Given, frozen=True, tag_field="type", tag="api_token"):
    """An API token. `meta` is there if the user behind it makes drafts visible."""

    id: Id
    attributes: LentFacts
    relationships: LentTies
    meta: Noted | UnsetType = UNSET


class KeyPair(Given, frozen=True, tag_field="type", tag="key_pair"):
    """A key-and-secret pair: its id is the key."""

    id: Id
    attributes: LentFacts
    relationships: LentTies


class ExchangedToken(Given, frozen=True, tag_field="type", tag="exchanged_token"):
    """A short-lived token that was obtained with a pair, or with a personal token."""

    id: Id
    attributes: LentFacts
    relationships: LentTies


Lent: TypeAlias = ApiToken | KeyPair | ExchangedToken
_LENT: Final[dict[Kind, type[Lent]]] = {
    Kind.SERVICE: ApiToken,
    Kind.CLIENT: KeyPair,
    Kind.EXCHANGED: ExchangedToken,
}


def revealed(data: T, approvers: int | UnsetType = UNSET) -> Revealed[T]:
    """Wrap a token with its secret."""
    return Revealed(data, Warned(warning=_WARNING, approvers=approvers))


def turned(data: T, position: int | None) -> Turned[T]:
    """Wrap a token with another secret, in whose place the former one is over from here on."""
    return Turned(data, TurnedEffect(effective="host", position=position, warning=_WARNING))


def warned_of_drafts(token: ApiToken) -> ApiToken:
    """Return an API token with the warning that it shows what is not published yet (Q7)."""
    return structs.replace(token, meta=Noted(warning=_DRAFTS))


def show_personal(
    token: Token,
    here: OrganizationId,
    now: datetime,
    words: Vocabulary,
    *,
    secret: Secret | None = None,
    request: Request | None = None,
    spread: bool = False,
) -> PersonalToken:
    """Show a personal token as it stands in one organization; with `spread`, in all of them too."""
    places = [Place(id=str(grant.organization), state=grant.standing) for grant in token.grants]
    return PersonalToken(
        id=str(token.id),
        attributes=PersonalFacts(
            **_facts(token, here, now, words, secret), reminders=spell_reminders(token.reminders)
        ),
        relationships=PersonalTies(
            organization=to_one("organization", here),
            owner=to_one("user", token.owner),
            request=to_one("token_request", request.id if request else None),
            predecessor=to_one("personal_access_token", token.predecessor),
        ),
        meta=Places(organizations=places) if spread and len(places) > 1 else UNSET,
    )


def show_lent(
    token: Token,
    here: OrganizationId,
    now: datetime,
    words: Vocabulary,
    *,
    secret: Secret | None = None,
) -> Lent:
    """Show an API token, a pair or what was obtained with one, as it stands in an organization."""
    role, user = (token.subject if token.authority == name else None for name in ("role", "user"))
    return _LENT[token.kind](
        id=str(token.id),
        attributes=LentFacts(
            **_facts(token, here, now, words, secret),
            authority=token.authority,
            hardcoded_type=token.hardcoded_type,
        ),
        relationships=LentTies(
            organization=to_one("organization", here),
            role=to_one("role", role),
            user=to_one("user", user),
            issuer=to_one("user", token.issuer),
            issuer_token=to_one("api_token", token.issuer_token),
        ),
    )


def spell_reminders(days: Iterable[int]) -> list[int]:
    """Return reminders in the order in which they come."""
    return sorted(days, reverse=True)


def state_at(token: Token, here: OrganizationId, now: datetime) -> StateName:
    """Return a token's state as a person says it: `expired` once the clock has passed its end."""
    state = token.state_in(here)
    return "expired" if state in LIVE and token.expired(now) else state.value


def _facts(
    token: Token, here: OrganizationId, now: datetime, words: Vocabulary, secret: Secret | None
) -> dict[str, Any]:
    grant, state = token.grant_in(here), state_at(token, here, now)
    return {
        "name": token.name,
        "description": token.description,
        "kind": token.kind.name.lower(),
        "state": state,
        "enabled": state == "active",
        **bound_facts(grant.bounds, words),
        "span": "all" if token.spans_all else "one",
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "token_hint": token.hint,
        "token": None if secret is None else secret.reveal(),
        "last_used_at": None,
        "last_client": None,
        "last_network": None,
        "flags": [],
        "version": token.version,
    }

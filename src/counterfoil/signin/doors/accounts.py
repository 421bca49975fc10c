"""Members with their accounts over HTTP: how they sign in, when they last did, their tokens."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, TypeAlias

from counterfoil.directory.doors.sought import SEEKING, sought
from counterfoil.directory.doors.wire_show import show_person
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Id, Instant, One, Paged
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.signin.accounts import Account, list_accounts, show_account
from counterfoil.tokens import Standing

_PATH: Final = "/cma/accounts"
_route = partial(Route, section="Users")
Source: TypeAlias = Literal["local", "provider", "both", "none"]


class TokensCounted(Given, frozen=True):
    """How many personal tokens a member has here, by state."""

    pending: int
    active: int
    disabled: int
    expired: int
    revoked: int
    denied: int
    lapsed: int


class AccountFacts(Given, frozen=True):
    """How a member signs in: `passkeys` is how many they have, `issuers` are who knows them too.

    `second_factor` says whether their password asks for a code of an authenticator app.
    `last_sign_in_at` is null for who never did, `last_provider` for who did it by a password or
    passkey. `tokens` is null for who may not see them.
    """

    name: str
    active: bool
    invited: bool
    source: Source
    password: bool
    second_factor: bool
    passkeys: int
    issuers: list[str]
    last_sign_in_at: Instant | None
    last_provider: str | None
    tokens: TokensCounted | None


class AccountShown(Given, frozen=True, tag_field="type", tag="account"):
    """A member with their account; it has the user's id."""

    id: Id
    attributes: AccountFacts


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/accounts."""
    wanted, whom = cursor.wanted(asked, _PATH), sought(asked.query)
    with asked.read() as work:
        page = list_accounts(work, wanted, whom)
    return Answer(200, cursor.paged(asked, _PATH, page, [_shown(one) for one in page.items]))


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/accounts/{id}."""
    with asked.read() as work:
        found = show_account(work, UserId(ids.read(Prefix.USER, asked.params["id"])))
    return Answer(200, One(_shown(found)))


def source(one: Account) -> Source:
    """Say where a member is known: here, at an outside provider, at both or nowhere yet."""
    local = one.ways.password or bool(one.ways.passkeys)
    if one.ways.issuers:
        return "both" if local else "provider"
    return "local" if local else "none"


def _shown(one: Account) -> AccountShown:
    who, ways = show_person(one.person).attributes, one.ways
    counts = one.tokens
    facts = AccountFacts(
        name=who.name,
        active=who.active,
        invited=who.invited,
        source=source(one),
        password=ways.password,
        second_factor=ways.second,
        passkeys=ways.passkeys,
        issuers=list(ways.issuers),
        last_sign_in_at=ways.last_at,
        last_provider=ways.last_by,
        tokens=None
        if counts is None
        else TokensCounted(**{str(each): counts.get(each, 0) for each in Standing}),
    )
    return AccountShown(id=str(one.person.user.id), attributes=facts)


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "account.list",
        "List the members with how they sign in, when they last did, and their tokens",
        gives={200: Paged[AccountShown]},
        query=(*PAGING, *SEEKING),
    ),
    _route(
        "GET",
        f"{_PATH}/{{id}}",
        shown,
        "account.show",
        "Show how a member signs in, when they last did, and their tokens",
        parts=(id_in("id", "The user.", Prefix.USER),),
        gives={200: One[AccountShown]},
    ),
)
"""What the office serves of accounts, which no organization owns: reading alone."""

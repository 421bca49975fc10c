"""Who asks: what the vendor's command line shows of a token before it keeps it (X13)."""

from __future__ import annotations

from typing import Final, Literal

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.dialects.dx.voice import DX, with_claims
from counterfoil.jsonapi.given import Given, Instant
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.tokens.show import show_self


class AuthFacts(Given, frozen=True):
    """The token that asks."""

    token_type: Literal["personal_access_token", "account_web_api_token"]
    token_name: str | None
    scopes: tuple[str, ...]
    expires_at: Instant | None
    created_at: Instant | None


class Account(Given, frozen=True):
    """Where it speaks: an organization."""

    name: str


class Auth(Given, frozen=True):
    """The token that asks, and the account where it speaks."""

    ok: Literal[True]
    auth: AuthFacts
    account: Account


def found(asked: Asked) -> Answer:
    """Answer GET /dx/auth.info. A person's token is personal; any other is the account's."""
    asked = with_claims(asked)
    caller = asked.caller
    with asked.read() as work:
        token = show_self(work).token
        account = directory.organization(work.tx, caller.organization).name
        scopes = work.vocabulary().spell(caller.grant.scopes)
    personal = caller.method in {Method.PERSONAL, Method.SESSION}
    auth = AuthFacts(
        token_type="personal_access_token" if personal else "account_web_api_token",
        token_name=caller.token_name,
        scopes=scopes,
        expires_at=caller.expires_at,
        created_at=None if token is None else token.created_at,
    )
    return Answer(200, Auth(ok=True, auth=auth, account=Account(name=account)))


ROUTES: Final = (
    Route(
        "GET",
        "/dx/auth.info",
        found,
        "token.show_self",
        "Who asks, and what the token may do",
        gives={200: Auth},
        dialect=DX,
        section="DX Web API",
    ),
)

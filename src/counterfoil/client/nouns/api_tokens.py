"""The tokens of machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, TypedDict, Unpack

from counterfoil.client.answer import Answer
from counterfoil.client.effect import Effect, entry_of
from counterfoil.client.model_people import ApiToken
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.nouns.personal_tokens import RateLimit, Surface, lost
from counterfoil.client.resource import version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_TYPE: Final = "api_token"
_PATH: Final = "/cma/api_tokens"


class ApiTerms(TypedDict, total=False):
    """What such a token may be given, as `personal_tokens.Terms` says it."""

    description: str
    enabled: bool
    scopes: Sequence[str] | None
    scope_mode: Literal["explicit", "inherit"]
    roots: Sequence[str] | None
    surfaces: Sequence[Surface]
    expires_at: datetime | str | None
    ip_ranges: Sequence[str] | None
    rate_limit: RateLimit | None
    not_before: datetime | str | None


class ChangedApiTerms(ApiTerms, total=False):
    """What may be said of a token that is there."""

    name: str


class ApiTokens(Noun[W]):
    """API tokens: they belong to the organization, and act by a role or for a user."""

    @list_verb
    def list(self, /, *, sort: str = "", **filters: str) -> Listing[ApiToken]:
        """Yield them, all states; or those that filters and an order say."""
        return Listing(_PATH, query(filters, sort), ApiToken.of)

    @verb
    def get(self, id_: str) -> Steps[ApiToken]:
        """Return one of them."""
        return _token((yield from self.wire.manners.ask("GET", f"{_PATH}/{part(id_)}")))

    @verb
    def create(
        self,
        name: str,
        *,
        role: str | None = None,
        user: str | None = None,
        **terms: Unpack[ApiTerms],
    ) -> Steps[ApiToken]:
        """Make one that acts by a role or for a user; its `secret` is there.

        Raises:
            SecretLost: if the first attempt was done but its answer never arrived.
        """
        document = body(_TYPE, {"name": name, **terms}, ties=_authority(role, user))
        made = _token((yield from self.wire.manners.create(_PATH, document)))
        if made.secret is None:
            raise lost(made.spelled)
        return made

    @verb
    def edit(
        self, id_: str, *, version: int | None = None, **terms: Unpack[ChangedApiTerms]
    ) -> Steps[ApiToken]:
        """Change it, if it still is at the version that was looked at, where one is named."""
        ask = self.wire.manners.ask(
            "PATCH",
            f"{_PATH}/{part(id_)}",
            body=body(_TYPE, dict(terms), id_),
            headers=if_match(version),
        )
        return _token((yield from ask))

    @verb
    def regenerate(self, id_: str, grace_s: int = 0) -> Steps[ApiToken]:
        """Give it another secret; the old one is good for so many seconds more.

        A regenerating call is never repeated, for its first attempt may have been done.
        """
        path = f"{_PATH}/{part(id_)}/regenerate?grace={grace_s}"
        return _token((yield from self.wire.manners.ask("POST", path)))

    @verb
    def revoke(self, id_: str) -> Steps[Effect | None]:
        """Revoke it, for good; return where that holds by now, and by when everywhere."""
        return Effect.of((yield from self.wire.manners.ask("DELETE", f"{_PATH}/{part(id_)}")))


def _token(answer: Answer) -> ApiToken:
    effect, entry = Effect.of(answer), entry_of(answer)
    return ApiToken.of(answer.data, version_of(answer), effect, entry)


def _authority(role: str | None, user: str | None) -> dict[str, tuple[str, str] | None]:
    return {
        "role": ("role", role) if role else None,
        "user": ("user", user) if user else None,
    }

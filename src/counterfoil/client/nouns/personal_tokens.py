"""One's own personal tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, TypedDict, Unpack

from counterfoil.client.answer import Answer
from counterfoil.client.effect import Effect, entry_of
from counterfoil.client.errors import SecretLost
from counterfoil.client.model import PersonalToken
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.resource import version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_TYPE: Final = "personal_access_token"
_PATH: Final = "/cma/personal_access_tokens"

Surface = Literal["delivery", "preview", "management"]


class RateLimit(TypedDict):
    """So many requests in so many seconds: as many at once, then evenly."""

    requests: int
    seconds: int


class Terms(TypedDict, total=False):
    """What a token may be given. What is left out is as the policy says, or as it was.

    `roots` is None for everything that the role may see. `expires_at` is an instant with its
    offset, as a datetime or as the API spells it; None is never, where the policy allows it.
    `ip_ranges` is None for any address; `rate_limit` and `not_before` for no such condition.
    `reminders` are so many days before its end, on which its owner is told.
    """

    description: str
    scopes: Sequence[str] | None
    scope_mode: Literal["explicit", "inherit"]
    roots: Sequence[str] | None
    surfaces: Sequence[Surface]
    expires_at: datetime | str | None
    ip_ranges: Sequence[str] | None
    rate_limit: RateLimit | None
    not_before: datetime | str | None
    reminders: Sequence[Literal[1, 7, 30]]
    justification: str


class NewTerms(Terms, total=False):
    """What only a new token is given: `span` is `all` to speak in all of one's organizations."""

    span: Literal["one", "all"]


class ChangedTerms(Terms, total=False):
    """What may be said of a token that is there."""

    name: str
    enabled: bool


class PersonalTokens(Noun[W]):
    """One's own personal tokens: they act for oneself, and never beyond one's role."""

    @list_verb
    def list(self, /, *, sort: str = "", **filters: str) -> Listing[PersonalToken]:
        """Yield one's own, all states; or those that filters and an order say.

        Args:
            sort: `-last_used_at` for instance.
            filters: `state`, `query`, `expires_before`, `used` and the others of the API.
        """
        return Listing(_PATH, query(filters, sort), PersonalToken.of)

    @verb
    def get(self, id_: str) -> Steps[PersonalToken]:
        """Return one of them."""
        return _token((yield from self.wire.manners.ask("GET", f"{_PATH}/{part(id_)}")))

    @verb
    def create(self, name: str, **terms: Unpack[NewTerms]) -> Steps[PersonalToken]:
        """Request a token; its state says whether it waits for approval, its `secret` is there.

        Asks for a person's session: no token makes a personal token.

        Raises:
            SecretLost: if the first attempt was done but its answer never arrived.
        """
        document = body(_TYPE, {"name": name, **terms})
        return _made((yield from self.wire.manners.create(_PATH, document)))

    @verb
    def renew(self, id_: str, **terms: Unpack[NewTerms]) -> Steps[PersonalToken]:
        """Make a successor with the same settings but for what is said; the old one goes on."""
        document = body(_TYPE, dict(terms))
        path = f"{_PATH}/{part(id_)}/successor"
        return _made((yield from self.wire.manners.create(path, document)))

    @verb
    def edit(
        self, id_: str, *, version: int | None = None, **terms: Unpack[ChangedTerms]
    ) -> Steps[PersonalToken]:
        """Change it, if it still is at the version that was looked at, where one is named."""
        ask = self.wire.manners.ask(
            "PATCH",
            f"{_PATH}/{part(id_)}",
            body=body(_TYPE, dict(terms), id_),
            headers=if_match(version),
        )
        return _token((yield from ask))

    @verb
    def revoke(self, id_: str) -> Steps[Effect | None]:
        """Revoke it, for good; return where that holds by now, and by when everywhere."""
        return Effect.of((yield from self.wire.manners.ask("DELETE", f"{_PATH}/{part(id_)}")))

    @verb
    def usage(self, id_: str, range_: str) -> Steps[Mapping[str, Any]]:
        """Return how it was used in the last `24h`, `7d` or `30d`, as the API says it."""
        path = f"{_PATH}/{part(id_)}/usage?range={part(range_)}"
        answer = yield from self.wire.manners.ask("GET", path)
        found: Mapping[str, Any] = answer.data
        return found


def _token(answer: Answer) -> PersonalToken:
    effect, entry = Effect.of(answer), entry_of(answer)
    return PersonalToken.of(answer.data, version_of(answer), effect, entry)


def _made(answer: Answer) -> PersonalToken:
    made = _token(answer)
    if made.secret is None:
        raise lost(made.spelled)
    return made


def lost(spelled: str) -> SecretLost:
    """Return the failure of a creation whose one answer with the secret never arrived."""
    message = (
        f"{spelled} was made, but the answer with its secret got lost on the way:"
        " delete it and ask again"
    )
    return SecretLost(message)

"""What is at stake, as it goes out: how many tokens, which scopes, and which of them first."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from counterfoil.access.scope import Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import Given, Id, Instant
from counterfoil.secret import Kind
from counterfoil.tokens.stake import Fate, Stake, Stakes

MOST_NAMED: Final = 100
TokenType: TypeAlias = Literal["personal_access_token", "api_token", "key_pair"]
TYPES: Final[dict[Kind, TokenType]] = {
    Kind.PERSONAL: "personal_access_token",
    Kind.SERVICE: "api_token",
    Kind.CLIENT: "key_pair",
}


class ScopeMoved(Given, frozen=True):
    """How many tokens lose a scope, somewhere or everywhere, and how many gain it."""

    scope: str
    lost: int
    gained: int


class TokenMoved(Given, frozen=True):
    """A token and what becomes of it.

    It `changes`; it `ends` for good; or it `rests`: it answers 401 until it takes somebody else's
    authority, or who lends it theirs is let in again. When it was last used here is known to within
    a minute.
    """

    type: TokenType
    id: Id
    name: str
    owner: Id | None
    fate: Fate
    lost: list[str]
    gained: list[str]
    last_used_at: Instant | None
    last_client: str | None
    last_network: str | None


class StakesFacts(Given, frozen=True):
    """How many members and tokens a change reaches, and how many of them were used in 24 hours.

    `named` are the first hundred of them, what was used last first.
    """

    members: int
    tokens: int
    in_use: int
    scopes: list[ScopeMoved]
    named: list[TokenMoved]


class StakesShown(Given, frozen=True, tag_field="type", tag="change_preview"):
    """What a change would do that nobody has made."""

    attributes: StakesFacts


def show_stakes(stakes: Stakes, words: Vocabulary) -> StakesShown:
    """Describe what is at stake."""
    facts = StakesFacts(
        members=stakes.members,
        tokens=len(stakes.each),
        in_use=len(stakes.in_use),
        scopes=moved(stakes, words),
        named=[_named(one, words) for one in stakes.each[:MOST_NAMED]],
    )
    return StakesShown(attributes=facts)


def moved(stakes: Stakes, words: Vocabulary) -> list[ScopeMoved]:
    """Return of each scope how many tokens lose and gain it, what most of them lose first."""
    losing, gaining = stakes.losing(words.supported), stakes.gaining(words.supported)
    found = [
        ScopeMoved(scope=words.spell(bit)[0], lost=losing.get(bit, 0), gained=gaining.get(bit, 0))
        for bit in losing.keys() | gaining.keys()
    ]
    return sorted(found, key=lambda one: (-one.lost, -one.gained, one.scope))


def _named(one: Stake, words: Vocabulary) -> TokenMoved:
    token, last = one.token, one.last

    def spelled(mask: Scopes) -> list[str]:
        return list(words.spell(mask))

    return TokenMoved(
        type=TYPES[token.kind],
        id=str(token.id),
        name=token.name,
        owner=None if token.owner is None else str(token.owner),
        fate=one.fate,
        lost=spelled(one.lost),
        gained=spelled(one.gained),
        last_used_at=None if last is None else last.at,
        last_client=None if last is None else last.client,
        last_network=None if last is None else last.network,
    )

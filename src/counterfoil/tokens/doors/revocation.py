"""Every token of an organization is revoked at once, over HTTP; and how many that would be."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.directory.doors.policy import own_organization
from counterfoil.jsonapi.body import Body, require_same_id
from counterfoil.jsonapi.given import Given, Id, One, effective
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.tokens.doors.examples import REVOCATION
from counterfoil.tokens.revoke_all import Toll, count_tokens, revoke_tokens

_PATH: Final = "/cma/organizations/{id}/token_revocation"


class RevocationWish(Body, frozen=True):
    """Why all tokens are revoked: the audit trail keeps it."""

    reason: str


class Revocation(Body, frozen=True):
    """That all tokens are revoked."""

    type: Literal["token_revocation"]
    attributes: RevocationWish
    id: str | UnsetType = UNSET


class RevocationBody(Body, frozen=True):
    """The document that revokes all tokens."""

    data: Revocation


class RevocationFacts(Given, frozen=True):
    """How many tokens it ends, or would now, of each kind, and all together.

    Every token of the organization that was made at or before `position` of the feed is dead; null
    if nobody has revoked them all yet.
    """

    position: int | None
    tokens: int
    personal_access_tokens: int
    api_tokens: int
    key_pairs: int
    exchanged_tokens: int


class TokenRevocation(Given, frozen=True, tag_field="type", tag="token_revocation"):
    """What it comes to to revoke every token of an organization, whose id it has."""

    id: Id
    attributes: RevocationFacts


def shown(asked: Asked) -> Answer:
    """Answer GET token_revocation, which changes nothing."""
    id_ = own_organization(asked)
    with asked.read() as work:
        toll = count_tokens(work)
    return Answer(200, One(_shown(id_, toll)))


def revoked(asked: Asked) -> Answer:
    """Answer POST token_revocation: all that was made up to now is dead."""
    id_ = own_organization(asked)
    said = asked.struct(RevocationBody).data
    require_same_id(said.id, Prefix.ORGANIZATION, id_)
    with asked.work() as work:
        toll = revoke_tokens(work, said.attributes.reason)
    return Answer(200, effective(_shown(id_, toll), work.position))


def _shown(id_: OrganizationId, toll: Toll) -> TokenRevocation:
    facts = RevocationFacts(
        position=toll.position,
        tokens=toll.total,
        personal_access_tokens=toll.personal,
        api_tokens=toll.service,
        key_pairs=toll.pairs,
        exchanged_tokens=toll.exchanged,
    )
    return TokenRevocation(id=str(id_), attributes=facts)


_one = partial(
    Route,
    parts=(id_in("id", "The organization.", Prefix.ORGANIZATION),),
    place="id",
    gives={200: One[TokenRevocation]},
    section="Organizations",
)

ROUTES: Final = (
    _one(
        "GET",
        _PATH,
        shown,
        "organization.count_tokens",
        "Count the tokens that it would end to revoke all of the organization",
    ),
    _one(
        "POST",
        _PATH,
        revoked,
        "organization.revoke_tokens",
        "Revoke every token of the organization at once",
        takes=RevocationBody,
        example=REVOCATION,
    ),
)
"""What the office serves of the end of all tokens."""

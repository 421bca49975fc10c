"""What else goes out: requests, previews, and what a caller may do."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from counterfoil.access.grant import Grant
from counterfoil.access.surface import spell_surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import Given, Id, Instant, OnRecord, ToOne, to_one
from counterfoil.tokens.approval import Rule
from counterfoil.tokens.doors.wire_bounds import (
    BoundFacts,
    SurfaceName,
    bound_facts,
    spell_roots,
)
from counterfoil.tokens.doors.wire_conditions import ConditionFacts, condition_facts
from counterfoil.tokens.doors.wire_token import spell_reminders
from counterfoil.tokens.policy import Choice
from counterfoil.tokens.preview import Offer, Preview
from counterfoil.tokens.request_model import RequestKind, RequestState
from counterfoil.tokens.show import Inquiry


class AskedFor(BoundFacts, frozen=True):
    """What a request asks for."""

    expires_at: Instant | None


class RuleFacts(Given, frozen=True):
    """A member of the policy by which a request must be approved.

    `scopes` are those of the request that the rule is about: null for scope mode `inherit`, none
    for a rule that is about no scope. `value` is what the policy says: whose tokens are approved,
    or the longest life.
    """

    rule: Rule
    scopes: tuple[str, ...] | None
    value: str | None


class RequestFacts(Given, frozen=True):
    """A request with all that its approver should read (A8); `name` is the token's.

    `approval_rules` are those of the policy, as it is now, by which it must be approved: none once
    it waits no more, or if the policy asks for nothing of the kind any more. `approvals_missing` is
    how many people must still approve it; of two, the first did at `agreed_at`, and what is asked
    for is what they left of it.
    """

    kind: RequestKind
    state: RequestState
    name: str
    requester_name: str
    requester_email: str | None
    asked: AskedFor
    approval_rules: list[RuleFacts]
    justification: str
    reason: str | None
    created_at: Instant
    lapses_at: Instant
    approvals_missing: int
    agreed_at: Instant | None
    decided_at: Instant | None
    version: int


class RequestTies(Given, frozen=True):
    """Which token is asked for, by whom, who approved first where two must, and who decided."""

    organization: ToOne
    token: ToOne
    requester: ToOne
    agreed_by: ToOne
    decided_by: ToOne


class Approvers(Given, frozen=True):
    """How many people could decide.

    `deciders` are the names of those who still can: of a request that waits, and is shown alone.
    """

    approvers: int
    deciders: tuple[str, ...] | UnsetType = UNSET


class TokenRequest(Given, frozen=True, tag_field="type", tag="token_request"):
    """A request for a token, or for more than one holds."""

    id: Id
    attributes: RequestFacts
    relationships: RequestTies
    meta: Approvers


class DecidedRequest(Struct, frozen=True):
    """A document with a request that somebody decided, and the proof that they did."""

    data: TokenRequest
    meta: OnRecord


class TermFacts(Given, frozen=True):
    """These scopes, in and under these roots; null is everywhere."""

    scopes: tuple[str, ...]
    roots: list[Id] | None


class GrantFacts(ConditionFacts, frozen=True):
    """What may be done: in one word for a person, and term by term for a program.

    `roots` is where any of it holds at most, null is everywhere. Something is allowed where one of
    the terms allows it and each of the limits covers the place.
    """

    scopes: tuple[str, ...]
    roots: list[Id] | None
    surfaces: list[SurfaceName]
    terms: list[TermFacts]
    limits: list[list[Id]]


class PreviewPlace(Given, frozen=True):
    """Whether somebody would have to approve it in this organization."""

    id: Id
    needs_approval: bool


class ReachFacts(Given, frozen=True):
    """How many content types and nodes it would see here; `complete` if there are no more."""

    content_types: int
    nodes: int
    complete: bool


class PreviewFacts(BoundFacts, frozen=True):
    """What a token would be, and what it could do now."""

    name: str
    state: Literal["pending", "active"]
    expires_at: Instant | None
    reminders: list[int]
    effective: GrantFacts
    reach: ReachFacts
    organizations: list[PreviewPlace]


class TokenPreview(Given, frozen=True, tag_field="type", tag="personal_access_token_preview"):
    """A token that nobody has made."""

    attributes: PreviewFacts


class Quota(Given, frozen=True):
    """How many tokens you may have here (null is any number), and how many count now."""

    limit: int | None
    count: int


class OfferFacts(Given, frozen=True):
    """What there is to choose from, whether somebody has to approve it, and how many could.

    `needs_approval`: whatever you choose. Else a token has to be approved with one of the scopes of
    `approval_scopes`, in scope mode `inherit` if `approval_inherit` says so, and if it lives longer
    than `approval_lifetime`.
    """

    scopes: tuple[str, ...]
    expirations: list[Choice]
    quota: Quota
    needs_approval: bool
    approval_scopes: tuple[str, ...]
    approval_inherit: bool
    approval_lifetime: str | None
    approvers: int


class TokenOptions(Given, frozen=True, tag_field="type", tag="personal_access_token_options"):
    """What you may choose from for a personal token."""

    attributes: OfferFacts


def show_request(inquiry: Inquiry, words: Vocabulary) -> TokenRequest:
    """Show a request."""
    request = inquiry.request
    facts = RequestFacts(
        kind=request.kind,
        state=request.state,
        name=inquiry.token.name,
        requester_name=inquiry.requester.name,
        requester_email=inquiry.requester.email,
        asked=AskedFor(**bound_facts(request.bounds, words), expires_at=request.expires_at),
        approval_rules=[
            RuleFacts(
                rule=one.rule,
                scopes=None if one.scopes is None else words.spell(one.scopes),
                value=one.value,
            )
            for one in inquiry.reasons
        ],
        justification=request.justification,
        reason=request.reason,
        created_at=request.created_at,
        lapses_at=request.lapses_at,
        approvals_missing=inquiry.missing,
        agreed_at=request.agreed_at,
        decided_at=request.decided_at,
        version=request.version,
    )
    told = inquiry.deciders if request.state is RequestState.OPEN else None
    ties = RequestTies(
        organization=to_one("organization", request.organization),
        token=to_one("personal_access_token", request.token),
        requester=to_one("user", request.requester),
        agreed_by=to_one("user", request.agreed_by),
        decided_by=to_one("user", request.decided_by),
    )
    return TokenRequest(
        id=str(request.id),
        attributes=facts,
        relationships=ties,
        meta=Approvers(
            approvers=inquiry.approvers,
            deciders=UNSET if told is None else told,
        ),
    )


def show_preview(preview: Preview, words: Vocabulary) -> TokenPreview:
    """Show what a token could do that nobody has made."""
    plan = preview.plan
    facts = PreviewFacts(
        **bound_facts(plan.bounds, words),
        name=plan.name,
        state="pending" if plan.places[0].needs_approval else "active",
        expires_at=plan.expires_at,
        reminders=spell_reminders(plan.reminders),
        effective=GrantFacts(**grant_facts(preview.effective, words)),
        reach=ReachFacts(
            content_types=preview.reached.types,
            nodes=preview.reached.nodes,
            complete=preview.reached.all_nodes,
        ),
        organizations=[
            PreviewPlace(id=str(place.organization), needs_approval=place.needs_approval)
            for place in plan.places
        ],
    )
    return TokenPreview(attributes=facts)


def show_offer(offer: Offer, words: Vocabulary) -> TokenOptions:
    """Show what there is to choose from for a personal token."""
    facts = OfferFacts(
        scopes=words.spell(offer.scopes),
        expirations=list(offer.expirations),
        quota=Quota(limit=offer.quota, count=offer.held),
        needs_approval=offer.needs_approval,
        approval_scopes=words.spell(offer.asked_scopes),
        approval_inherit=offer.inherit_asks,
        approval_lifetime=offer.asked_lifetime,
        approvers=offer.approvers,
    )
    return TokenOptions(attributes=facts)


def grant_facts(grant: Grant, words: Vocabulary) -> dict[str, Any]:
    """Return the members of `GrantFacts`."""
    return {
        "scopes": words.spell(grant.scopes),
        "roots": _reach(grant),
        "surfaces": list(spell_surfaces(grant.surfaces)),
        "terms": [
            TermFacts(scopes=words.spell(term.scopes), roots=spell_roots(term.roots))
            for term in grant.terms
        ],
        "limits": [spell_roots(limit) for limit in grant.limits],
        **condition_facts(grant.conditions),
    }


def _reach(grant: Grant) -> list[str] | None:
    narrowest = min(grant.limits, key=len, default=None)
    if narrowest is not None:
        return spell_roots(narrowest)
    if any(term.roots is None for term in grant.terms):
        return None
    return sorted({str(root) for term in grant.terms for root in term.roots or ()})

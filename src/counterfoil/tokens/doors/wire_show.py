"""What goes out: tokens, requests and previews as resources. A secret goes out once, in `token`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Grant
from counterfoil.access.roots import Roots
from counterfoil.access.surface import spell_surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.document import resource, to_one
from counterfoil.kernel.ids import OrganizationId
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.model import LIVE, Bounds, State, Token
from counterfoil.tokens.preview import Offer, Preview
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.show import Inquiry

ONCE: Final = {
    "warning": "Copy it now: it is shown this once. Keep it in a secret store, or in a file that "
    "only you can read and that .gitignore names, like .env."
}
"""What stands beside a secret (G12a)."""

_TYPES: dict[Kind, str] = {
    Kind.PERSONAL: "personal_access_token",
    Kind.SERVICE: "api_token",
    Kind.CLIENT: "key_pair",
    Kind.EXCHANGED: "exchanged_token",
}


def show_token(
    token: Token,
    here: OrganizationId,
    now: datetime,
    words: Vocabulary,
    *,
    secret: Secret | None = None,
    request: Request | None = None,
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Show a token of any kind as it stands in one organization."""
    grant = token.grant_in(here)
    attributes = {
        "name": token.name,
        "description": token.description,
        "kind": token.kind.name.lower(),
        "state": state_at(token, here, now),
        "enabled": grant.state is not State.DISABLED,
        **show_bounds(grant.bounds, words),
        "span": "all" if token.spans_all else "one",
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "token_hint": token.hint,
        "token": None if secret is None else secret.reveal(),
        "version": token.version,
    }
    relationships = {"organization": to_one("organization", here)}
    if token.kind is Kind.PERSONAL:
        relationships["owner"] = to_one("user", token.owner)
        relationships["request"] = to_one("token_request", request.id if request else None)
        relationships["predecessor"] = to_one("personal_access_token", token.predecessor)
    else:
        attributes["authority"] = token.authority
        attributes["hardcoded_type"] = token.hardcoded_type
        relationships |= show_lender(token)
        relationships["issuer"] = to_one("user", token.issuer)
        relationships["issuer_token"] = to_one("api_token", token.issuer_token)
    return resource(_TYPES[token.kind], token.id, attributes, relationships, more)


def show_lender(token: Token) -> dict[str, Any]:
    """Show whose authority an API token takes."""
    return {
        name: to_one(name, token.subject if token.authority == name else None)
        for name in ("role", "user")
    }


def show_bounds(bounds: Bounds, words: Vocabulary) -> dict[str, Any]:
    """Show what a token may do at most."""
    return {
        "scope_mode": "inherit" if bounds.scopes is None else "explicit",
        "scopes": None if bounds.scopes is None else words.spell(bounds.scopes),
        "roots": spell_roots(bounds.roots),
        "surfaces": list(spell_surfaces(bounds.surfaces)),
    }


def show_request(inquiry: Inquiry, words: Vocabulary) -> dict[str, Any]:
    """Show a request with all that its approver should read (A8)."""
    request = inquiry.request
    attributes = {
        "kind": str(request.kind),
        "state": str(request.state),
        "name": inquiry.token.name,
        "asked": {
            **show_bounds(request.bounds, words),
            "expires_at": request.expires_at,
        },
        "justification": request.justification,
        "reason": request.reason,
        "created_at": request.created_at,
        "lapses_at": request.lapses_at,
        "decided_at": request.decided_at,
        "version": request.version,
    }
    relationships = {
        "organization": to_one("organization", request.organization),
        "token": to_one("personal_access_token", request.token),
        "requester": to_one("user", request.requester),
        "decided_by": to_one("user", request.decided_by),
    }
    return resource(
        "token_request",
        request.id,
        attributes,
        relationships,
        {"approvers": inquiry.approvers},
    )


def show_caller(
    caller: Caller, token: Token | None, now: datetime, words: Vocabulary
) -> dict[str, Any]:
    """Show who asks, and what they may do now."""
    grant = caller.grant
    attributes: dict[str, Any] = {
        "method": str(caller.method),
        "name": caller.token_name,
        "state": "active" if token is None else state_at(token, caller.organization, now),
        **show_grant(grant, words),
        "expires_at": caller.expires_at,
        "created_at": None if token is None else token.created_at,
        "token_hint": None if token is None else token.hint,
        "token": None,
    }
    relationships = {
        "organization": to_one("organization", caller.organization),
        "user": to_one("user", caller.user),
    }
    if token is not None and token.authority == "role":
        relationships["role"] = to_one("role", token.subject)
    return resource("token", caller.token or 0, attributes, relationships)


def show_grant(grant: Grant, words: Vocabulary) -> dict[str, Any]:
    """Show what a grant allows: in one word for a person, and term by term for a program.

    `roots` is where any of it holds at most; null is everywhere.
    """
    return {
        "scopes": words.spell(grant.scopes),
        "roots": _reach(grant),
        "surfaces": list(spell_surfaces(grant.surfaces)),
        "terms": [
            {"scopes": words.spell(term.scopes), "roots": spell_roots(term.roots)}
            for term in grant.terms
        ],
        "limits": [spell_roots(limit) for limit in grant.limits],
    }


def show_preview(preview: Preview, words: Vocabulary) -> dict[str, Any]:
    """Show what a token could do that nobody has made."""
    plan = preview.plan
    return {
        "type": "personal_access_token_preview",
        "attributes": {
            "name": plan.name,
            "state": "pending" if plan.places[0].needs_approval else "active",
            **show_bounds(plan.bounds, words),
            "expires_at": plan.expires_at,
            "effective": show_grant(preview.effective, words),
            "organizations": [
                {"id": str(place.organization), "needs_approval": place.needs_approval}
                for place in plan.places
            ],
        },
    }


def show_offer(offer: Offer, words: Vocabulary) -> dict[str, Any]:
    """Show what there is to choose from for a personal token."""
    return {
        "type": "personal_access_token_options",
        "attributes": {
            "scopes": words.spell(offer.scopes),
            "expirations": [{"name": one.name, "days": one.days} for one in offer.expirations],
            "quota": {"limit": offer.quota, "count": offer.held},
            "needs_approval": offer.needs_approval,
            "approvers": offer.approvers,
        },
    }


def state_at(token: Token, here: OrganizationId, now: datetime) -> str:
    """Return a token's state as a person says it: `expired` once the clock has passed its end."""
    state = token.state_in(here)
    return "expired" if state in LIVE and token.expired(now) else str(state)


def spell_roots(roots: Roots) -> list[str] | None:
    """Spell roots; None stays None."""
    return None if roots is None else [str(root) for root in sorted(roots)]


def _reach(grant: Grant) -> list[str] | None:
    narrowest = min(grant.limits, key=len, default=None)
    if narrowest is not None:
        return spell_roots(narrowest)
    if any(term.roots is None for term in grant.terms):
        return None
    return sorted({str(root) for term in grant.terms for root in term.roots or ()})

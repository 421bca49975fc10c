"""API tokens: made for programs, by a person or by another API token (K4, K5, D11, Q6)."""

from __future__ import annotations

from typing import Final

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.directory import Policy
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.authority import administers, at_most_own, issuer, terms_of
from counterfoil.tokens.model import Authority, Bounds, State, Token, TokenGrant
from counterfoil.tokens.record import Issued, issue
from counterfoil.tokens.wish import Wish

MANAGERS: Final = frozenset({Method.SESSION, Method.SERVICE})
"""Who manages API tokens. A personal token manages none, whatever its owner may do (S17, G4)."""


@operation(
    "api_token.create",
    requires=Scope.TOKENS_MANAGE,
    methods=MANAGERS,
    otherwise=Code.PAT_CANNOT_CREATE_PAT,
)
def create_api_token(work: Work, wish: Wish) -> Issued:
    """Make an API token: of at most the caller's own power and, made by a token, own life."""
    work.permit()
    administers(work)
    return draw_up(work, wish, Kind.SERVICE)


def draw_up(work: Work, wish: Wish, kind: Kind) -> Issued:
    """Make what belongs to the organization and no person: an API token or a pair."""
    if isinstance(wish.name, UnsetType):
        raise Invalid(Code.INVALID_FIELD, "A token needs a name.", field="/data/attributes/name")
    here = work.caller.organization
    rules = directory.policy(work.tx, here)
    maker = issuer(work)
    authority, subject = chosen_authority(wish, rules)
    bounds = wish.bounds(Bounds(surfaces=Surface.DELIVERY.bit))
    at_most_own(work, terms_of(work, authority, subject), bounds)
    enabled = (
        rules.api_tokens_start_enabled if isinstance(wish.enabled, UnsetType) else wish.enabled
    )
    new = Token(
        id=TokenId(work.new_id()),
        organization=here,
        kind=kind,
        name=policy.named(wish.name),
        authority=authority,
        subject=subject,
        position=work.head(),
        created_at=work.now,
        grants=(TokenGrant(here, State.ACTIVE if enabled else State.DISABLED, bounds),),
        issuer=work.caller.user,
        issuer_token=None if maker is None else maker.id,
        description=""
        if isinstance(wish.description, UnsetType)
        else policy.remark(wish.description, "description"),
        expires_at=policy.ends_at(
            rules, wish.expires_at, work.now, None if maker is None else maker.expires_at
        ),
    )
    work.permit(target=spell(Prefix.TOKEN, new.id))
    return issue(work, new)


def chosen_authority(wish: Wish, rules: Policy) -> tuple[Authority, int | None]:
    """Return whose authority is wanted (K11).

    Raises:
        Invalid: if a role shall lend it and none is named. A user may be chosen later (Q9).
    """
    authority = wish.authority
    if isinstance(authority, UnsetType):
        authority = rules.api_token_authority
    subject = None if isinstance(wish.subject, UnsetType) else wish.subject
    if authority == "role" and subject is None:
        raise Invalid(Code.INVALID_FIELD, "Choose a role.", field="/data/relationships/role/data")
    return ("none", None) if subject is None else (authority, subject)

"""Who asks, as they are told it."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, UnsetType

from counterfoil.access.caller import Caller, Method
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import Given, Instant, ToOne, to_one
from counterfoil.tokens.doors.wire_show import GrantFacts, grant_facts
from counterfoil.tokens.doors.wire_token import StateName, state_at
from counterfoil.tokens.show import Holder


class CallerFacts(GrantFacts, frozen=True):
    """Who asks, and what they may do now.

    `role_names` are the roles of the user in whose name it is asked, or the one that lends a token
    its authority. `lacks` are the scopes that whoever is behind a token holds beyond it, so that
    they could be asked for.
    """

    method: Method
    name: str | None
    state: StateName
    expires_at: Instant | None
    created_at: Instant | None
    token_hint: str | None
    role_names: tuple[str, ...]
    lacks: tuple[str, ...]
    token: None


class CallerTies(Given, frozen=True):
    """For whom it is asked; the role is there if the authority is a role's.

    The parent is there if it was exchanged for it: the token with which it stands and falls.
    """

    organization: ToOne
    user: ToOne
    role: ToOne | UnsetType = UNSET
    parent: ToOne | UnsetType = UNSET


class CallerShown(Given, frozen=True, tag_field="type", tag="token"):
    """The credential with which this was asked."""

    id: str
    attributes: CallerFacts
    relationships: CallerTies


def show_caller(caller: Caller, holder: Holder, now: datetime, words: Vocabulary) -> CallerShown:
    """Show who asks, and what they may do now."""
    token = holder.token
    authority = None if token is None else token.authority
    facts = CallerFacts(
        **grant_facts(caller.grant, words),
        method=caller.method,
        name=caller.token_name,
        state="active" if token is None else state_at(token, caller.organization, now),
        expires_at=caller.expires_at,
        created_at=None if token is None else token.created_at,
        token_hint=None if token is None else token.hint,
        role_names=holder.roles,
        lacks=words.spell(holder.lacks),
        token=None,
    )
    ties = CallerTies(
        organization=to_one("organization", caller.organization),
        user=to_one("user", caller.user),
        role=to_one("role", token.subject) if token and authority == "role" else UNSET,
        parent=to_one("personal_access_token", token.subject)
        if token and authority == "token"
        else UNSET,
    )
    return CallerShown(id=str(caller.token or 0), attributes=facts, relationships=ties)

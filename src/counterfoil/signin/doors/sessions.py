"""One's own sessions, passkeys, and the accounts by which providers know one, over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi.given import Given, Id, Instant, Many, One, effective
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.signin.identities import forget, list_identities
from counterfoil.signin.model import Outside, Passkey, Session
from counterfoil.signin.passkeys import forget_passkey, list_passkeys
from counterfoil.signin.sessions import end_other_sessions, end_session, list_sessions

_SESSIONS: Final = "/cma/sessions"
_IDENTITIES: Final = "/cma/identities"
_PASSKEYS: Final = "/cma/passkeys"
_route = partial(Route, section="Sign-in")


class SessionFacts(Given, frozen=True):
    """Where a session began: at a client or, without one, in a browser; by a provider, or not."""

    client: str | None
    provider: str | None
    authenticated_at: Instant
    seen_at: Instant
    expires_at: Instant
    current: bool


class SessionShown(Given, frozen=True, tag_field="type", tag="session"):
    """A session of one's own."""

    id: Id
    attributes: SessionFacts


class IdentityFacts(Given, frozen=True):
    """The account of a provider by which one is known: its issuer, and its name for one."""

    issuer: str
    subject: str
    linked_at: Instant
    used_at: Instant


class IdentityShown(Given, frozen=True, tag_field="type", tag="identity"):
    """One of the accounts by which one is known."""

    id: Id
    attributes: IdentityFacts


class PasskeyFacts(Given, frozen=True):
    """A passkey that lets one in: what one calls it, and when one last signed in by it."""

    name: str
    made_at: Instant
    used_at: Instant | None


class PasskeyShown(Given, frozen=True, tag_field="type", tag="passkey"):
    """One of one's passkeys. It is made and used in a browser alone."""

    id: Id
    attributes: PasskeyFacts


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/sessions."""
    with asked.read() as work:
        found = list_sessions(work)
    return Answer(200, Many([_session(one, asked.caller.token) for one in found]))


def ended(asked: Asked) -> Answer:
    """Answer DELETE /cma/sessions/{id}."""
    with asked.work() as work:
        end_session(work, TokenId(_id(asked)))
    return Answer(200, effective(None, work.position))


def others_ended(asked: Asked) -> Answer:
    """Answer DELETE /cma/sessions."""
    with asked.work() as work:
        end_other_sessions(work)
    return Answer(200, effective(None, work.position))


def known(asked: Asked) -> Answer:
    """Answer GET /cma/identities."""
    with asked.read() as work:
        found = list_identities(work)
    return Answer(200, Many([_identity(one) for one in found]))


def forgotten(asked: Asked) -> Answer:
    """Answer DELETE /cma/identities/{id}."""
    with asked.work() as work:
        forget(work, _id(asked), local=asked.office.providers.passwords)
    return Answer(200, effective(None, work.position))


def passkeys_listed(asked: Asked) -> Answer:
    """Answer GET /cma/passkeys."""
    with asked.read() as work:
        found = list_passkeys(work)
    return Answer(200, Many([_passkey(one) for one in found]))


def passkey_forgotten(asked: Asked) -> Answer:
    """Answer DELETE /cma/passkeys/{id}."""
    with asked.work() as work:
        forget_passkey(work, _id(asked), local=asked.office.providers.passwords)
    return Answer(200, effective(None, work.position))


def _session(one: Session, here: TokenId | None) -> SessionShown:
    facts = SessionFacts(
        client=one.client,
        provider=one.provider,
        authenticated_at=one.authenticated_at,
        seen_at=one.seen_at,
        expires_at=one.dies_at,
        current=one.id == here,
    )
    return SessionShown(id=str(one.id), attributes=facts)


def _identity(one: Outside) -> IdentityShown:
    facts = IdentityFacts(
        issuer=one.issuer, subject=one.subject, linked_at=one.linked_at, used_at=one.used_at
    )
    return IdentityShown(id=str(one.id), attributes=facts)


def _passkey(one: Passkey) -> PasskeyShown:
    facts = PasskeyFacts(name=one.name, made_at=one.made_at, used_at=one.used_at)
    return PasskeyShown(id=str(one.id), attributes=facts)


def _id(asked: Asked) -> int:
    return ids.read(Prefix.TOKEN, asked.params["id"])


def _one(path: str, what: str) -> partial[Route]:
    parts = (id_in("id", what, Prefix.TOKEN),)
    return partial(_route, "DELETE", f"{path}/{{id}}", parts=parts, gives={200: One[None]})


ROUTES: Final = (
    _route(
        "GET",
        _SESSIONS,
        listed,
        "session.list",
        "List your sessions, in browsers and at clients, the one that was used last first",
        gives={200: Many[SessionShown]},
    ),
    _route(
        "DELETE",
        _SESSIONS,
        others_ended,
        "session.end_others",
        "End every session of yours but the one that asks",
        gives={200: One[None]},
    ),
    _one(_SESSIONS, "The session.")(ended, "session.end", "End one of your sessions"),
    _route(
        "GET",
        _IDENTITIES,
        known,
        "identity.list",
        "List the accounts of OpenID providers by which you are known",
        gives={200: Many[IdentityShown]},
    ),
    _one(_IDENTITIES, "The account.")(
        forgotten,
        "identity.forget",
        "Be known by an account of a provider no more; every session of yours is over",
        fails=(Code.CONFLICT,),
    ),
    _route(
        "GET",
        _PASSKEYS,
        passkeys_listed,
        "passkey.list",
        "List your passkeys, the oldest first",
        gives={200: Many[PasskeyShown]},
    ),
    _one(_PASSKEYS, "The passkey.")(
        passkey_forgotten,
        "passkey.forget",
        "Be let in by a passkey no more; every session of yours but this one is over",
        fails=(Code.CONFLICT,),
    ),
)
"""What the office serves of how one is signed in."""

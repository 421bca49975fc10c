"""Who was refused at the gate and is known all the same: their refusals belong on record (R14).

A good token may name an organization in which it does not speak, or come from where it may not be
used, and a live one may stand in an address, where it ends up in logs. None of these lets anybody
in, so there is no caller; but the trail says of which token it was.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from counterfoil import tokens
from counterfoil.access.caller import Caller
from counterfoil.gate.credential import present, told_in
from counterfoil.gate.middleware_wsgi import Environ, named_organization
from counterfoil.gate.record.decided import Exposed
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.basic import id_and_secret, is_basic
from counterfoil.jsonapi.desk import ORIGIN
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, Refused
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office

log: Final = structlog.get_logger(__name__)

ELSEWHERE: Final = frozenset(
    {Code.NOT_A_MEMBER, Code.IP_NOT_ALLOWED, Code.POLICY_BLOCKED, Code.PROVIDER_REQUIRED}
)
"""Why a token is refused that is good, but not there or from there."""


def exposed(verifier: Verifier, environ: Environ) -> tuple[Caller, str] | None:
    """Return whose live token stands in the query of a request, and it; None if nobody's does."""
    text = told_in(environ.get("QUERY_STRING") or "", verifier.prefix)
    caller = None if text is None else _at_home(verifier, text)
    return None if text is None or caller is None else (caller, text)


def take_note(office: Office, text: str, environ: Environ) -> None:
    """Have somebody told that their token stood in an address; the request is refused anyway."""
    try:
        tokens.expose(office, text, environ.get("PATH_INFO") or "/", environ[ORIGIN])
    except (CounterfoilError, SQLAlchemyError) as error:
        log.warning("nobody was told of an exposed token", error=type(error).__name__)


def take_note_told(office: Office, told: Exposed, by: str) -> None:
    """Do the same for a gate; of a token that is none of those kinds nobody is told.

    Raises:
        SQLAlchemyError: if the database is away: the gate tells it again.
    """
    try:
        tokens.expose_told(office, told, by)
    except CounterfoilError as error:
        log.warning("nobody was told of an exposed token", error=type(error).__name__)


def elsewhere(verifier: Verifier, environ: Environ, error: CounterfoilError) -> Caller | None:
    """Return who they are that do not belong where they want to act, or may not come like this."""
    presented = present(environ, verifier.prefix) if error.code in ELSEWHERE else None
    if presented is None:
        return None
    if error.code is Code.NOT_A_MEMBER:
        return _at_home(verifier, presented)
    try:
        return verifier.verify(presented, named_organization(environ), None)
    except CounterfoilError:
        return None


def undecided(verifier: Verifier, environ: Environ, error: CounterfoilError) -> Caller | None:
    """Return who they are in one of their organizations that did not say in which they act."""
    if "organizations" not in error.meta:
        return None
    presented = present(environ, verifier.prefix)
    return None if presented is None else _at_home(verifier, presented)


def shown(office: Office, environ: Environ) -> Callable[[], Caller] | None:
    """Return what says who shows a key and its secret; None if nobody does."""
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    if not is_basic(header):
        return None

    def say() -> Caller:
        try:
            return tokens.speak(office, *id_and_secret(header), environ[ORIGIN])
        except Refused as error:
            raise Refused(error.code, "This client is unknown, or not good now.") from None

    return say


def _at_home(verifier: Verifier, presented: str) -> Caller | None:
    """Verify a token where it speaks by itself; who signed in, in the first that they may enter.

    Where they may enter none of theirs, it is one that asks of them what they did not do.
    """
    try:
        return _verified(verifier, presented)
    except CounterfoilError:
        return None


def _verified(verifier: Verifier, presented: str) -> Caller:
    try:
        return verifier.verify(presented, None, None)
    except Malformed as error:
        theirs = [OrganizationId(int(one["id"])) for one in error.meta.get("organizations", ())]
        if not theirs:
            raise
        found = [verifier.verify(presented, one, None) for one in theirs]
        for caller in found:
            with suppress(Denied):
                return verifier.again(caller)
        return found[0]

"""Token exchange (RFC 8693): who holds a personal token gets a narrower one for an hour at most.

Of what the RFC leaves open: whoever shows the token may exchange it, and is no client besides. What
acts is the token that was exchanged, and stands so on record; nobody is named to act for it. Roots
and a shorter life are asked for in fields of our own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from counterfoil import tokens
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.errors import Denied, Invalid, NotFound, Refused
from counterfoil.kernel.ids import NodeId, Prefix, read
from counterfoil.secret import known_as
from counterfoil.signin.doors.wire import Granted
from counterfoil.signin.policy import said
from counterfoil.tokens import LONGEST, Issued

EXCHANGE_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type
_MOST_ROOTS: Final = 100
_NOT_NAMED: Final = {
    "audience": ("invalid_target", "A token is good at this server and its gates: name no other."),
    "resource": ("invalid_target", "A token is good at this server and its gates: name no other."),
    "actor_token": ("invalid_request", "What acts is the token itself: show no other one."),
    "client_secret": ("invalid_request", "Whoever shows the token is no client: show no secret."),
}
_UNKNOWN: Final = "The subject token is unknown, or not good now."


def token_exchange(asked: Asked, form: Mapping[str, str]) -> Answer:
    """Answer whoever shows a personal token with a narrower one."""
    _require_understood(asked, form)
    issued = _attenuated(asked, form, form["scope"].split() if form.get("scope") else None)
    token = issued.token
    lives = (token.expires_at or token.created_at) - token.created_at
    body = Granted(
        access_token=issued.secret.reveal(),
        issued_token_type=ACCESS_TOKEN,
        token_type="Bearer",  # noqa: S106 - a type, no secret
        expires_in=int(lives.total_seconds()),
    )
    return Answer(200, body, secret=True)


def _require_understood(asked: Asked, form: Mapping[str, str]) -> None:
    """Return if nothing is asked for that would be passed over in silence.

    Raises:
        Malformed: invalid_request or invalid_target.
    """
    if "authorization" in asked.headers:
        raise said(
            "invalid_request", "Whoever shows the token is no client: send no Authorization."
        )
    for name in ("subject_token", "subject_token_type"):
        if not form.get(name):
            raise said("invalid_request", f"The field {name} is missing.")
    for name in ("subject_token_type", "requested_token_type"):
        if form.get(name, ACCESS_TOKEN) != ACCESS_TOKEN:
            raise said("invalid_request", f"The {name} is {ACCESS_TOKEN}.")
    for name, (error, detail) in _NOT_NAMED.items():
        if form.get(name):
            raise said(error, detail)
    if form.get("scope", "x").isspace():
        raise said("invalid_scope", "The field scope names no scope: leave it out to ask for all.")


def _attenuated(asked: Asked, form: Mapping[str, str], names: list[str] | None) -> Issued:
    """Exchange the token, by the gate's word on who shows it.

    Raises:
        Malformed: invalid_request for a token that is not good, or which the policy keeps (RFC 8693
            §2.2.2), and for roots that it does not reach; invalid_scope.
    """
    office, life, roots = asked.office, _life(form), _roots(form)
    known = known_as(form["subject_token"], office.prefix)
    with office.database.reading() as tx:
        holder = None if known is None else tokens.holder_of(tx, known)
    if known is None or holder is None:
        raise said("invalid_request", _UNKNOWN)
    try:
        with office.work(tokens.as_bearer(holder, known), asked.origin) as work:
            scopes = None if names is None else work.vocabulary().read(names)
            return tokens.attenuate(work, scopes, roots, life)
    except (Refused, Denied, NotFound) as error:
        raise said("invalid_request", error.detail or _UNKNOWN) from None
    except Invalid as error:
        of_roots = error.field is not None and "roots" in error.field
        raise said("invalid_request" if of_roots else "invalid_scope", error.detail) from None


def _life(form: Mapping[str, str]) -> timedelta:
    """Read how long it shall live; the longest if nothing is said."""
    text = form.get("expires_in")
    if text is None:
        return LONGEST
    most = int(LONGEST.total_seconds())
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise said("invalid_request", f"The field expires_in is a number from 1 to {most}.")
    return timedelta(seconds=int(text))


def _roots(form: Mapping[str, str]) -> frozenset[NodeId] | None:
    """Read the nodes that it shall be held to; None if nothing is said."""
    if "roots" not in form:
        return None
    said_roots = form["roots"].split()
    if not said_roots:
        raise said("invalid_request", "The field roots names no node: leave it out to ask for all.")
    if len(said_roots) > _MOST_ROOTS:
        raise said("invalid_request", f"The field roots names at most {_MOST_ROOTS} nodes.")
    try:
        return frozenset(NodeId(read(Prefix.NODE, one)) for one in said_roots)
    except NotFound:
        raise said("invalid_request", "The field roots names nodes by their ids.") from None

"""What the tokens slice does for our endpoints: pairs of id and secret, and tokens given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from counterfoil import tokens
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.jsonapi.basic import id_and_secret
from counterfoil.jsonapi.fault import fault
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.errors import Invalid, Refused
from counterfoil.office import Office
from counterfoil.secret import Kind, digest, kind_of
from counterfoil.signin.doors.wire import Granted
from counterfoil.signin.policy import said
from counterfoil.tokens import Issued

_CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="counterfoil", charset="UTF-8"'}


def client_credentials(asked: Asked, form: Mapping[str, str]) -> Answer:
    """Exchange a key-and-secret pair for a short-lived token (A15)."""
    names = form["scope"].split(" ") if form.get("scope") else None
    try:
        client_id, secret = _shown(asked, form)
        issued = _exchange(asked.office, client_id, secret, names, asked.origin)
    except Refused as error:
        wrong = Refused(error.code, "This client is unknown, or its secret is not good now.")
        body = OAUTH.say(fault(wrong, asked.origin.request_id)).body
        return Answer(401, body, _CHALLENGE if "authorization" in asked.headers else {})
    return _issued(issued, names)


def give_up_token(office: Office, digested: bytes, origin: Origin) -> int:
    """Revoke a token of the tokens slice by its digest; return the position, 0 if it is unknown."""
    with office.database.reading() as tx:
        token = tokens.holder_of(tx, digested)
    if token is None:
        return 0
    holder = Caller(
        organization=token.organization,
        user=token.owner,
        method=Method.SYSTEM,
        grant=Grant(()),
        token=token.id,
        token_name=token.name,
    )
    with office.work(holder, origin) as work:
        tokens.surrender(work, token.id)
    return work.position or 0


def _exchange(
    office: Office, client_id: str, secret: str, names: list[str] | None, origin: Origin
) -> Issued:
    if kind_of(secret, office.prefix) is not Kind.CLIENT:
        raise Refused
    with office.database.reading() as tx:
        pair = tokens.pair_for(tx, client_id, digest(secret))
        tokens.require_patience(tx, pair, office.clock())
    try:
        with office.work(tokens.as_client(pair), origin) as work:
            scopes = None if names is None else work.vocabulary().read(names)
            return tokens.exchange(work, scopes)
    except Invalid as error:
        raise said("invalid_scope", error.detail) from None


def _shown(asked: Asked, form: Mapping[str, str]) -> tuple[str, str]:
    """Return the id and secret that a client shows: in the header or in the form, never in both."""
    header = asked.headers.get("authorization")
    if header is None:
        if not form.get("client_id") or not form.get("client_secret"):
            raise Refused
        return form["client_id"], form["client_secret"]
    if "client_secret" in form:
        raise said("invalid_request", "The client proves itself in one way, not in two.")
    client_id, secret = id_and_secret(header)
    if form.get("client_id", client_id) != client_id:
        raise said("invalid_request", "The form names another client than the header.")
    return client_id, secret


def _issued(issued: Issued, names: list[str] | None) -> Answer:
    token = issued.token
    lives = (token.expires_at or token.created_at) - token.created_at
    body = Granted(
        access_token=issued.secret.reveal(),
        token_type="Bearer",  # noqa: S106 - a type, no secret
        expires_in=int(lives.total_seconds()),
        scope=UNSET if names is None else " ".join(sorted(set(names))),
    )
    return Answer(200, body, secret=True)

"""Our authorization server: RFC 6749 with PKCE (7636), revocation (7009), iss (9207), 8707.

One client is built in, `counterfoil-cli`: public, on the person's own machine, answered at loopback
(RFC 8252). Key-and-secret pairs of the tokens slice are the confidential clients.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.exc import SQLAlchemyError

from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.effect import EFFECTIVE_HEADER, reached
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.openapi_security import BROWSER, CLIENT
from counterfoil.jsonapi.parameter import SAMPLE, Parameter, one_of
from counterfoil.jsonapi.route import Answer, Asked, Empty, Route
from counterfoil.kernel.errors import Code, Malformed, Refused, Unserved
from counterfoil.secret import Kind, digest, kind_of, known_as, starts
from counterfoil.signin import policy
from counterfoil.signin.authorize import authorize
from counterfoil.signin.doors import cookie
from counterfoil.signin.doors.address import base, silent
from counterfoil.signin.doors.client_credentials import client_credentials, give_up_token
from counterfoil.signin.doors.token_exchange import EXCHANGE_GRANT, token_exchange
from counterfoil.signin.doors.wire import Granted, RevocationForm, TokenForm
from counterfoil.signin.model import CLI, Ask, Issued, Proof, Purpose
from counterfoil.signin.policy import BadGrant, said
from counterfoil.signin.redeem import exchange_code, exchange_refresh
from counterfoil.signin.redeem_device import exchange_device
from counterfoil.signin.revoke import give_up
from counterfoil.signin.steps.session import in_person
from counterfoil.signin.steps.visit import visitor

_route = partial(Route, dialect=OAUTH, open=True, section="OAuth")
_LONGEST_AGO_S: Final = 10**9
"""Nobody was here longer ago: thirty years."""
_SHOWN: Final = {
    "grant_type": "client_credentials",
    "client_id": SAMPLE,
    "client_secret": "cfk_EXAMPLE",
}
_BY_ITSELF: Final = {"client_credentials": client_credentials, EXCHANGE_GRANT: token_exchange}
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
_SOONEST: Final = timedelta(minutes=1)
_STATE_CHARS: Final = 1024
_PURPOSES: Final = {Kind.SESSION: Purpose.ACCESS, Kind.REFRESH: Purpose.REFRESH}


def begin(asked: Asked) -> Answer:
    """Answer the client with a code, if somebody is signed in; otherwise ask them to."""
    query = asked.query
    client, redirect_uri = policy.client_at(query.text("client_id"), query.text("redirect_uri"))
    state = query.values.get("state", ())[:1]
    try:
        ask = Ask(client, redirect_uri, _challenge(asked))
        _require_ours(asked)
        max_age = query.integer("max_age", highest=_LONGEST_AGO_S)
    except Malformed as error:
        failed = {"error": error.meta.get("error", "invalid_request")}
        return _back(asked, redirect_uri, {**failed, "error_description": error.detail}, state)
    office = asked.office
    ticket = cookie.presented(asked)
    try:
        session, organization = visitor(office, ticket)
    except Refused:
        return _to_signin(asked)
    freshest = None if max_age is None else max(timedelta(seconds=max_age), _SOONEST)
    stale = freshest is not None and office.clock() - session.authenticated_at > freshest
    if stale or not silent(asked):
        return _to_signin(asked)
    with office.work(in_person(session, organization), asked.origin) as work:
        code = authorize(work, ticket, ask)
    return _back(asked, redirect_uri, {"code": code}, state)


def token(asked: Asked) -> Answer:
    """Answer with tokens for a code, a refresh token, an id and secret, or a personal token."""
    form = asked.form()
    grant = _field(form, "grant_type")
    if grant in _BY_ITSELF:
        return _BY_ITSELF[grant](asked, form)
    if grant not in {"authorization_code", "refresh_token", DEVICE_GRANT}:
        raise said("unsupported_grant_type", "This grant type is not supported.")
    client = _public_client(asked, form)
    if grant == "authorization_code":
        code, verifier = _field(form, "code"), _field(form, "code_verifier")
        proof = Proof(client, form.get("redirect_uri"), verifier)
        issued = exchange_code(asked.office, code, proof, asked.origin)
    elif grant == DEVICE_GRANT:
        issued = exchange_device(asked.office, _field(form, "device_code"), client, asked.origin)
    else:
        refresh = _digest(asked, _field(form, "refresh_token"), Kind.REFRESH)
        issued = exchange_refresh(asked.office, refresh, client, asked.origin)
    return _issued(issued)


def revoke(asked: Asked) -> Answer:
    """End whatever the token is good for. Holding it is enough, and an unknown one is dead already.

    It answers well only once the end is on disk and this host's gate knows of it (S14). A header
    says where it holds: RFC 7009 §2.2 has a client look at no body, and at no status but 200.
    """
    text = _field(asked.form(), "token")
    office = asked.office
    known = known_as(text, office.prefix)
    if known is None:
        return Answer(200)
    ours = text.startswith(starts(office.prefix))
    kind = kind_of(text, office.prefix) if ours else Kind.SERVICE
    if kind is Kind.CLIENT:
        raise said("unsupported_token_type", "A client secret is not a token: revoke its pair.")
    try:
        if kind in _PURPOSES:
            position = give_up(office, _PURPOSES[kind], known, asked.origin)
        else:
            position = give_up_token(office, known, asked.origin)
    except SQLAlchemyError as error:
        raise Unserved(Code.NOT_READY, "The token could not be revoked: try again.") from error
    return Answer(200, headers={EFFECTIVE_HEADER: reached(office, position)} if position else {})


def _challenge(asked: Asked) -> str:
    query = asked.query
    if query.text("response_type") != "code":
        raise said("unsupported_response_type", "The response type is code.")
    if query.text("scope"):
        raise said("invalid_scope", "A session carries what its person may do: ask for no scope.")
    if len(query.text("state") or "") > _STATE_CHARS:
        raise said("invalid_request", "The state is too long.")
    return policy.challenge_of(query.text("code_challenge"), query.text("code_challenge_method"))


def _require_ours(asked: Asked) -> None:
    """Return unless the client wants a token for another server than this one (RFC 8707)."""
    here = base(asked)
    for resource in asked.query.values.get("resource", ()):
        if resource.rstrip("/") != here and not resource.startswith(f"{here}/"):
            raise said("invalid_target", "A session is for this server alone.")


def _back(
    asked: Asked, redirect_uri: str, members: dict[str, str], state: tuple[str, ...]
) -> Answer:
    """Go back to the client, with our name, so that it knows who answers (RFC 9207)."""
    kept = {"state": state[0]} if state else {}
    answer = urlencode({**members, **kept, "iss": base(asked)})
    return Answer(303, headers={"Location": f"{redirect_uri}?{answer}"})


def _to_signin(asked: Asked) -> Answer:
    pairs = [(name, value) for name, values in asked.query.values.items() for value in values]
    next_ = f"/oauth/authorize?{urlencode(pairs)}"
    return Answer(303, headers={"Location": f"/signin?{urlencode({'next': next_})}"})


def _public_client(asked: Asked, form: dict[str, str]) -> str:
    """Return the client that shows a code or a refresh token; it has no secret of its own."""
    if "authorization" in asked.headers or "client_secret" in form:
        raise Refused(None, "This client has no secret.", meta={"error": "invalid_client"})
    if _field(form, "client_id") != CLI:
        raise Refused(None, "There is no such client.", meta={"error": "invalid_client"})
    return CLI


def _digest(asked: Asked, text: str, kind: Kind) -> bytes:
    office = asked.office
    try:
        if kind_of(text, office.prefix) is kind:
            return digest(text)
    except Refused:
        pass
    message = "The refresh token is unknown, spent or over."
    raise BadGrant(message)


def _field(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise said("invalid_request", f"The field {name} is missing.")
    return form[name]


def _issued(issued: Issued) -> Answer:
    body = Granted(
        access_token=issued.access.reveal(),
        token_type="Bearer",  # noqa: S106 - a type, no secret
        expires_in=int(policy.ACCESS_LIFE.total_seconds()),
        refresh_token=issued.refresh.reveal(),
    )
    return Answer(200, body, secret=True)


_ASKED: Final = (
    replace(one_of("response_type", "What is asked for: a code.", ("code",)), required=True),
    replace(one_of("client_id", "The client that is built in.", (CLI,)), required=True),
    Parameter(
        "redirect_uri",
        "Where the client listens: any port of loopback.",
        {"type": "string", "format": "uri"},
        "http://127.0.0.1:8401/callback",
        required=True,
    ),
    Parameter(
        "resource",
        "For which server the token is wanted (RFC 8707): this one, or an address of it.",
        {"type": "string", "format": "uri"},
        "http://localhost:8400",
    ),
    Parameter("state", "Comes back with the answer, so that the client knows it for its own."),
    Parameter("scope", "Empty: a session carries what its person may do."),
    Parameter(
        "code_challenge",
        "The S256 challenge of RFC 7636, without which there is no code.",
        {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$"},
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        required=True,
    ),
    replace(one_of("code_challenge_method", "How it was made: S256.", ("S256",)), required=True),
    Parameter(
        "max_age",
        "How many seconds ago somebody may have signed in; who did earlier is asked again.",
        {"type": "integer", "minimum": 0},
        900,
    ),
)
_REFUSED: Final = (
    Code.INVALID_TOKEN,
    Code.TOKEN_EXPIRED,
    Code.TOKEN_DISABLED,
    Code.TOKEN_NOT_YET_VALID,
    Code.TOKEN_HAS_NO_USER,
    Code.OWNER_DEACTIVATED,
    Code.IP_NOT_ALLOWED,
)
"""With what a client is refused that shows an id and secret, or a token to exchange."""

ROUTES: Final = (
    _route(
        method="GET",
        path="/oauth/authorize",
        handle=begin,
        operation="oauth.authorize",
        summary="Begin to sign a client in: answers it with a code.",
        gives={303: None},
        query=_ASKED,
        heeds=(BROWSER,),
    ),
    _route(
        method="POST",
        path="/oauth/token",
        handle=token,
        operation="oauth.redeem",
        also=(
            "oauth.refresh",
            "oauth.redeem_device",
            "oauth.distrust",
            "token.exchange",
            "token.attenuate",
        ),
        summary="Get tokens for a code, a refresh token, an id and secret, or a personal token.",
        gives={200: Granted},
        takes=TokenForm,
        example=_SHOWN,
        reads=(FORM_TYPE,),
        heeds=(CLIENT,),
        fails=_REFUSED,
    ),
    _route(
        method="POST",
        path="/oauth/revoke",
        handle=revoke,
        operation="oauth.revoke",
        also=("token.surrender",),
        summary="Revoke any token of this server by showing it.",
        gives={200: Empty},
        takes=RevocationForm,
        example={"token": "cfp_EXAMPLE"},
        reads=(FORM_TYPE,),
    ),
)

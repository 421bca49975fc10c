"""Introspection (RFC 7662): a server that is shown a token asks what it is good for.

It proves itself with a token that holds `gates:introspect`, or with a key and its secret. What
does not let anybody in, here and now, is `{"active": false}`, whatever is the matter with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil import tokens
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.oauth import CLIENT_OR_TOKEN
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import CounterfoilError, Unserved
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.secret import known_as
from counterfoil.signin.doors.address import base
from counterfoil.signin.doors.wire_introspection import Acting, Introspection, IntrospectionForm
from counterfoil.signin.model import CLI
from counterfoil.signin.policy import said
from counterfoil.tokens import Known

_MICRO: Final = 1_000_000
_NOTHING: Final = Introspection(active=False)
_KINDS: Final[Mapping[Method, Literal["personal", "service", "exchanged", "session"]]] = {
    Method.PERSONAL: "personal",
    Method.SERVICE: "service",
    Method.EXCHANGED: "exchanged",
    Method.SESSION: "session",
}
_ASKED: Final = {"token": "cfp_EXAMPLE"}


def introspect(asked: Asked) -> Answer:
    """Say what a token is good for where the asker is at home, or that it is good for nothing."""
    form = asked.form()
    text = form.get("token")
    if not text:
        raise said("invalid_request", "The field token is missing.")
    issuer = base(asked)
    found = _standing(asked, text, form.get("client_ip", ""))
    with asked.read() as work:
        known = tokens.introspect(work, found, form.get("audience") or None)
    return Answer(200, _NOTHING if known is None else _told(known, issuer))


def _standing(asked: Asked, text: str, address: str) -> Caller | None:
    """Return whom the gate would let in with a token, in the asker's organization; None for nobody.

    Raises:
        Unserved: it cannot say.
    """
    key = known_as(text, asked.office.prefix)
    if key is None:
        return None
    here = asked.caller.organization
    bearer = Caller(here, None, Method.SYSTEM, Grant(()), credential=key)
    try:
        return asked.office.verify_again(bearer, address)
    except Unserved:
        raise
    except CounterfoilError:
        return None


def _told(known: Known, issuer: str) -> Introspection:
    caller, ours = known.caller, [issuer] if known.serves_us else []
    return Introspection(
        active=True,
        scope=" ".join(known.everywhere),
        client_id=_client(known),
        token_type="Bearer",  # noqa: S106 - a type, no secret
        exp=UNSET if caller.expires_us is None else caller.expires_us // _MICRO,
        iat=UNSET if known.created_at is None else micros(known.created_at) // _MICRO,
        sub=UNSET if caller.user is None else spell(Prefix.USER, caller.user),
        aud=[*ours, *known.audiences],
        iss=issuer,
        act=UNSET if known.lender is None else Acting(sub=spell(Prefix.TOKEN, known.lender)),
        cf_kind="exchanged" if known.lender else _KINDS.get(caller.method, UNSET),
        cf_token_id=UNSET if caller.token is None else spell(Prefix.TOKEN, caller.token),
        cf_org=spell(Prefix.ORGANIZATION, caller.organization),
        cf_scope=" ".join(known.somewhere),
        cf_roots=UNSET
        if known.roots is None
        else [spell(Prefix.NODE, root) for root in sorted(known.roots)],
    )


def _client(known: Known) -> str | UnsetType:
    """Return the OAuth client that the token was given to, if it was given to one."""
    if known.caller.method is Method.SESSION:
        return CLI
    return UNSET if known.client is None else str(known.client)


ROUTES: Final = (
    Route(
        method="POST",
        path="/oauth/introspect",
        handle=introspect,
        operation="token.introspect",
        summary="Ask what a token is good for that somebody presented.",
        gives={200: Introspection},
        takes=IntrospectionForm,
        example=_ASKED,
        reads=(FORM_TYPE,),
        dialect=CLIENT_OR_TOKEN,
        pairs=True,
        section="OAuth",
    ),
)

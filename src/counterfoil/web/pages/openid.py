"""To an OpenID provider and back (S48).

What is wrong with an answer is said in a page, and whoever was not let in begins anew: the address
that they came back to is good for one time.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Denied
from counterfoil.signin import policy
from counterfoil.signin.depart import Wish, depart
from counterfoil.signin.doors import cookie
from counterfoil.signin.doors.address import base
from counterfoil.signin.vouch import Came, vouch
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit

_START: Final = "/signin/oidc/{provider}"
_TITLE: Final = N_("Sign in")
_ERROR_CHARS: Final = 64


def go(visit: Visit) -> Answer:
    """Send somebody to a provider, to sign in or to take up an invitation."""
    form = visit.form
    code = form.text("code").strip() or None
    return _leave(visit, _wish(visit, policy.local_path(form.text("next")), code=code))


def link(visit: Visit) -> Answer:
    """Send somebody to a provider who wants to be known by it from now on."""
    return _leave(visit, _wish(visit, policy.local_path(visit.form.text("next")), link=True))


def back(visit: Visit) -> Answer:
    """Let somebody in whom a provider vouches for."""
    asked, name = visit.asked, visit.asked.params["provider"]
    query = asked.query
    came = Came(
        state=query.text("state") or "",
        code=query.text("code") or None,
        error=(query.text("error") or "")[:_ERROR_CHARS] or None,
        issuer=query.text("iss"),
        ticket=cookie.flow_presented(asked),
        cookie=visit.ticket,
        language=visit.language,
    )
    try:
        came_in = vouch(asked.office, name, base(asked), came, asked.origin)
    except Denied as error:
        if error.code is not Code.STEP_UP_REQUIRED:
            raise
        late = policy.not_vouched(
            asked.office.providers[name].provider.label,
            "to be known by an account you have to have signed in within 15 minutes; begin anew",
        )
        late.recorded = error.recorded
        raise late from error
    given = cookie.given(asked, came_in.ticket)["Set-Cookie"]
    return _on(visit, came_in.next_ or "/", visit.say("Signed in"), given)


def _wish(visit: Visit, next_: str | None, *, code: str | None = None, link: bool = False) -> Wish:
    here = base(visit.asked)
    return Wish(base=here, cookie=visit.ticket, next_=next_, code=code, link=link)


def _leave(visit: Visit, wish: Wish) -> Answer:
    asked, name = visit.asked, visit.asked.params["provider"]
    left = depart(asked.office, name, wish, asked.origin)
    label = asked.office.providers[name].provider.label
    title = visit.say("On to %(provider)s", provider=label)
    return _on(visit, left.address, title, cookie.flow_given(asked, left.ticket)["Set-Cookie"])


def _on(visit: Visit, address: str, title: str, given: str) -> Answer:
    """Lead on by a page of its own: a browser holds a form to its policy through every redirect."""
    shown = visit.show("onward", title=title, next=address)
    return Answer(shown.status, shown.body, shown.headers, cookies=(*shown.cookies, given))


_PROVIDER: Final = (
    Parameter("provider", "The provider, as the operator named it.", {"type": "string"}, "acme"),
)
_CAME: Final = tuple(
    Parameter(name, "What a provider sends back.")
    for name in ("state", "code", "iss", "error")
) + tuple(
    Parameter(name, "What providers send beside it; it is passed over.")
    for name in (
        "error_description", "error_uri", "session_state", "scope", "authuser", "prompt", "hd",
    )
)  # fmt: skip

PAGES: Final = (
    Page("POST", _START, go, _TITLE, parts=_PROVIDER, public=True, secrets=("code",)),
    Page(
        "POST",
        f"{_START}/link",
        link,
        N_("Be known by an account"),
        parts=_PROVIDER,
        fresh=True,
    ),
    Page(
        "GET",
        f"{_START}/callback",
        back,
        _TITLE,
        operation="signin.login_by_provider",
        also=("identity.accept", "identity.link"),
        parts=_PROVIDER,
        query=_CAME,
        public=True,
    ),
)

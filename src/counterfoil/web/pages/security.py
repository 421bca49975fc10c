"""Settings, Security: where one is signed in, and by what one signs in."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.signin.doors import cookie
from counterfoil.signin.identities import forget, list_identities
from counterfoil.signin.passkeys import list_passkeys
from counterfoil.signin.second import show_second
from counterfoil.signin.sessions import end_other_sessions, end_session, list_sessions
from counterfoil.signin.steps.ways import has_password
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.sent_once import key_of
from counterfoil.web.views import stopped

_PATH: Final = "/settings/security"
_TITLE: Final = N_("Security")
_OVER: Final = N_("That session is over.")
_OTHERS_OVER: Final = N_("Every other session of yours is over.")
_FORGOTTEN: Final = N_("The account lets nobody in any more, and every session is over.")


def show(visit: Visit) -> Answer:
    """Show one's sessions, and the ways in which one proves who one is."""
    with visit.read() as work:
        sessions = list_sessions(work)
    with visit.read() as work:
        accounts = list_identities(work)
    with visit.read() as work:
        passkeys = list_passkeys(work)
    with visit.read() as work:
        second = show_second(work)
    providers = visit.asked.office.providers.each()
    return visit.show(
        "security",
        sessions=sessions,
        here=visit.caller.token,
        has_password=has_password(visit.asked.office, visit.caller.user),
        accounts=accounts,
        passkeys=passkeys,
        second=second,
        once=key_of(visit),
        labels={one.issuer: one.label for one in providers},
        names={one.name: one.label for one in providers},
    )


def end(visit: Visit) -> Answer:
    """End one session; who ends this very one is signed out."""
    session = TokenId(_id(visit))
    with visit.work() as work:
        end_session(work, session)
    if session == visit.caller.token:
        return visit.go("/signed-out", cookies=(cookie.taken(visit.asked)["Set-Cookie"],))
    return visit.go(_PATH, *stopped.told(visit, work, _OVER))


def end_others(visit: Visit) -> Answer:
    """End every session but this one."""
    with visit.work() as work:
        end_other_sessions(work)
    return visit.go(_PATH, *stopped.told(visit, work, _OTHERS_OVER))


def forget_account(visit: Visit) -> Answer:
    """Be known by an account of a provider no more."""
    with visit.work() as work:
        forget(work, _id(visit), local=visit.asked.office.providers.passwords)
    said = stopped.told(visit, work, _FORGOTTEN)
    return visit.go("/signin", *said, cookies=(cookie.taken(visit.asked)["Set-Cookie"],))


def _id(visit: Visit) -> int:
    return ids.read(Prefix.TOKEN, visit.asked.params["id"])


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="session.list",
        also=("identity.list", "passkey.list", "second_factor.show"),
    ),
    Page(
        "POST",
        f"{_PATH}/sessions/end-others",
        end_others,
        _TITLE,
        operation="session.end_others",
    ),
    Page(
        "POST",
        f"{_PATH}/sessions/{{id}}/end",
        end,
        _TITLE,
        operation="session.end",
        parts=(id_in("id", "The session.", Prefix.TOKEN),),
    ),
    Page(
        "POST",
        f"{_PATH}/accounts/{{id}}/forget",
        forget_account,
        _TITLE,
        operation="identity.forget",
        form=show,
        parts=(id_in("id", "The account.", Prefix.TOKEN),),
    ),
)

"""Settings, Security: a passkey is added, named and removed."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix
from counterfoil.signin.passkeys import add, added, ask_who_adds, forget_passkey, rename
from counterfoil.web import passkey
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages import security

_BACK: Final = "/settings/security"
_PATH: Final = "/settings/security/passkeys"
_TITLE: Final = N_("Add a passkey")
_SECURITY: Final = N_("Security")


def show(visit: Visit) -> Answer:
    """Show the form; the passkey itself is made by the browser."""
    return visit.show("passkeys_new")


def ask(visit: Visit) -> Answer:
    """Ask the browser for a new passkey."""
    asked = visit.asked
    return passkey.asked(
        visit, lambda browser: ask_who_adds(asked.office, visit.caller, browser, asked.origin)
    )


def keep(visit: Visit) -> Answer:
    """Keep the passkey that the browser made."""
    answer = visit.form.text(passkey.CREDENTIAL)
    new = added(visit.asked.office, visit.caller, passkey.browser(visit), answer)
    with visit.work() as work:
        add(work, new, visit.form.text("name"))
    return visit.go(_BACK, Notice(visit.say("The passkey is added: you can sign in with it.")))


def call(visit: Visit) -> Answer:
    """Call a passkey otherwise."""
    with visit.work() as work:
        rename(work, _id(visit), visit.form.text("name"))
    return visit.go(_BACK, Notice(visit.say("The passkey has another name.")))


def forget(visit: Visit) -> Answer:
    """Be let in by a passkey no more."""
    with visit.work() as work:
        forget_passkey(work, _id(visit), local=visit.asked.office.providers.passwords)
    said = visit.say("The passkey is removed, and every other session of yours is over.")
    return visit.go(_BACK, Notice(said))


def _id(visit: Visit) -> int:
    return ids.read(Prefix.TOKEN, visit.asked.params["id"])


_PARTS: Final = (id_in("id", "The passkey.", Prefix.TOKEN),)

PAGES: Final = (
    Page("GET", f"{_PATH}/new", show, _TITLE, fresh=True),
    Page("POST", f"{_PATH}/begin", ask, _TITLE),
    Page(
        "POST",
        f"{_PATH}/new",
        keep,
        _TITLE,
        operation="passkey.add",
        form=show,
        secrets=(passkey.CREDENTIAL,),
    ),
    Page(
        "POST",
        f"{_PATH}/{{id}}/rename",
        call,
        _SECURITY,
        operation="passkey.rename",
        parts=_PARTS,
        form=security.show,
    ),
    Page(
        "POST",
        f"{_PATH}/{{id}}/forget",
        forget,
        _SECURITY,
        operation="passkey.forget",
        parts=_PARTS,
        form=security.show,
    ),
)

"""What holds for every page, before its handler sees anybody and after.

Who stands there is said by the session's cookie and by nothing else: a token opens no page. What a
person changes comes from a form of ours, in this browser session (S45). Whoever is not signed in
is led to the sign-in and back; whoever has to prove again who they are does so in between, and
nothing that they typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from counterfoil import directory
from counterfoil.jsonapi.body import FORM_TYPE, LARGEST, media_type, wrong_type
from counterfoil.jsonapi.fault import PLAIN, status_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Refused
from counterfoil.signin.doors import cookie
from counterfoil.signin.doors.address import base, from_ourselves
from counterfoil.signin.login import sign_in
from counterfoil.signin.model import Account
from counterfoil.signin.steps.visit import in_the_house
from counterfoil.signin.steps.ways import codes_asked
from counterfoil.signin.unlock import sign_in_by_passkey
from counterfoil.web import barred, crumbs, kept, language, notice, passkey, shell
from counterfoil.web.faults import PAGES, show_failure
from counterfoil.web.form import Form, require_ours, require_same_place
from counterfoil.web.frame import Frame
from counterfoil.web.page import HTML, Page, Visit

PASSWORD: Final = "_password"  # noqa: S105 - the name of a field
EMAIL: Final = "_email"
CODE: Final = "_code"
PASSKEY: Final = "_passkey"

_SHOWN_AGAIN: Final = frozenset({400, 401, 403, 404, 409, 412, 422, 429})
_UNRECORDED: Final = frozenset({429, 500, 503, 507})


def routes(pages: Iterable[Page]) -> tuple[Route, ...]:
    """Return the rows of the route table for these pages."""
    every = tuple(pages)
    frame = shell.framing(every)
    return tuple(route(page, frame) for page in every)


def route(page: Page, frame: Callable[[Visit], Frame]) -> Route:
    """Return a page's row of the route table, or that of programs with the page in it."""

    def handle(asked: Asked) -> Answer:
        if page.programs is not None and not _browsed(asked):
            return page.programs.handle(asked)
        return _serve(page, asked, frame)

    if page.programs is not None:
        given = {**page.programs.gives, 200: str, 303: None}
        reads = (PLAIN, FORM_TYPE)
        return replace(page.programs, handle=handle, gives=given, reads=reads, media=HTML)
    return Route(
        page.method,
        page.path,
        handle,
        page.operation,
        page.title,
        gives={200: str, 303: None},
        parts=page.parts,
        query=page.query,
        dialect=PAGES,
        also=page.also,
        section="Pages",
        open=True,
        page="anybody" if page.public else "person",
        streams=page.method == "POST",
        media=HTML,
    )


def _browsed(asked: Asked) -> bool:
    """Say whether a browser sent a form, or a program something for programs."""
    a_form = media_type(asked.headers.get("content-type")) == FORM_TYPE
    return a_form and "text/html" in asked.headers.get("accept", "")


def _serve(page: Page, asked: Asked, frame: Callable[[Visit], Frame]) -> Answer:
    """Take a request to its page; what fails on the way is a page too."""
    visit = Visit(page, replace(asked, anyone=None), language.DEFAULT, frame)
    try:
        base(asked)
        visit = replace(visit, language=language.chosen(asked), ticket=cookie.presented(asked))
        if page.method == "POST":
            from_ourselves(asked)
            visit = replace(visit, form=_form(asked))
        else:
            visit = replace(visit, notices=notice.waiting(asked))
        visit = _standing(visit)
        answer = _staying(visit, _admitted(visit)) if page.method == "GET" else _sent(visit)
    except CounterfoilError as error:
        answer = _failed(visit, error)
    return _finished(answer)


def _standing(visit: Visit) -> Visit:
    """Return the visit of whoever the cookie names, with what they may do now; or of nobody."""
    asked = visit.asked
    try:
        caller = in_the_house(asked.office, visit.ticket, crumbs.acted(asked))
    except Refused:
        return replace(visit, ticket="")
    except Denied as error:
        if error.code is not Code.PROVIDER_REQUIRED:
            raise
        return replace(visit, barred=True)
    return replace(visit, asked=replace(asked, anyone=caller))


def _admitted(visit: Visit) -> Answer:
    """Show a page to who may see it; lead everybody else to where they prove who they are."""
    page = visit.page
    if not visit.signed_in:
        if visit.barred and not page.public:
            return barred.show(visit)
        if not page.public:
            return visit.go(f"/signin?{urlencode({'next': visit.here})}")
        return page.handle(visit)
    if page.fresh and not _is_fresh(visit):
        return visit.go(f"/again?{urlencode({'next': visit.here})}")
    return page.handle(visit)


def _staying(visit: Visit, answer: Answer) -> Answer:
    """Let the browser keep where a person acts, so that nothing but their choice changes it."""
    if visit.asked.anyone is None or visit.caller.user is None:
        return answer
    here = Account(visit.caller.user, visit.caller.organization)
    if crumbs.acted(visit.asked) == here:
        return answer
    return replace(answer, cookies=(*answer.cookies, crumbs.acting(visit.asked, here)))


def _sent(visit: Visit) -> Answer:
    """Take a form to its handler, if it is ours and whoever sent it may."""
    page = visit.page
    if page.public:
        return _handled(visit)
    if visit.barred:
        return barred.sent(visit)
    if PASSWORD in visit.form.values or PASSKEY in visit.form.values:
        return _proved(visit)
    if not visit.signed_in:
        return _prove(visit, 401)
    require_ours(visit.form, visit.ticket)
    if page.fresh and not _is_fresh(visit):
        return _prove(visit, 403)
    return _handled(visit)


def _handled(visit: Visit) -> Answer:
    """Let the handler act; what was typed wrong is shown again, with all that was typed."""
    page = visit.page
    try:
        if page.operation and visit.signed_in:
            require_same_place(visit.form, visit.caller.organization)
        visit.form.without_secrets(page.secrets)
        return page.handle(visit)
    except CounterfoilError as error:
        if error.code is Code.STEP_UP_REQUIRED:
            return _prove(visit, 403)
        status = status_of(error.code)
        if page.form is None or status not in _SHOWN_AGAIN:
            raise
        _record(visit, error)
        return page.form(visit.failed(error, status))


def _proved(visit: Visit) -> Answer:
    """Sign somebody in again by what they typed in between, and go on with their form."""
    asked, form = visit.asked, visit.form
    try:
        if visit.signed_in and not barred.is_local(visit):
            raise Denied(Code.PROVIDER_REQUIRED)
        ticket = _proof(visit)
    except CounterfoilError as error:
        status = status_of(error.code)
        if status not in _SHOWN_AGAIN:
            raise
        return _prove(visit.failed(error, status), status)
    rest = {name: given for name, given in form.values.items() if not name.startswith("_")}
    again = _standing(replace(visit, ticket=ticket, form=Form(rest)))
    answer = barred.show(again) if again.barred else _sent_by_who_proved(again)
    return replace(answer, cookies=(*answer.cookies, cookie.given(asked, ticket)["Set-Cookie"]))


def _proof(visit: Visit) -> str:
    """Return the ticket of a new session for who proves who they are; nobody else than before."""
    asked, form = visit.asked, visit.form
    if PASSKEY in form.values:
        user = visit.caller.user if visit.signed_in else None
        return sign_in_by_passkey(
            asked.office,
            passkey.browser(visit),
            form.text(PASSKEY),
            asked.origin,
            visit.ticket,
            only=user,
            language=visit.language,
        )
    email = _email(visit) or form.text(EMAIL)
    return sign_in(
        asked.office,
        email,
        form.text(PASSWORD),
        asked.origin,
        visit.ticket,
        code=form.text(CODE),
        language=visit.language,
    )


def _sent_by_who_proved(visit: Visit) -> Answer:
    """Take a form to its handler that came with a proof, which no other site has."""
    try:
        return _handled(visit)
    except CounterfoilError as error:
        return _failed(visit, error)


def _prove(visit: Visit, status: int) -> Answer:
    """Ask who it is, and keep all that was typed."""
    visit = replace(visit, status=status, form=visit.form.without(visit.page.secrets))
    cookie_ = kept.given(visit) if visit.asked.office.providers.each() else ""
    shown = visit.show(
        "again",
        title=visit.say("Confirm that it is you"),
        email=_email(visit),
        coded=codes_asked(visit.asked.office, visit.caller.user if visit.signed_in else None),
        local=barred.is_local(visit),
        providers=barred.providers(visit),
        action=visit.here,
        next=kept.PATH if cookie_ else visit.here,
        lost=not cookie_ and not barred.is_local(visit),
    )
    return replace(shown, cookies=(*shown.cookies, cookie_)) if cookie_ else shown


def _email(visit: Visit) -> str:
    """Return whose password is asked for; empty if nobody is signed in."""
    user = visit.caller.user if visit.signed_in else None
    if user is None:
        return ""
    with visit.asked.office.database.reading() as tx:
        return directory.user(tx, user).email or ""


def _is_fresh(visit: Visit) -> bool:
    try:
        visit.caller.proved_within(visit.now)
    except Denied:
        return False
    return True


def _form(asked: Asked) -> Form:
    name = media_type(asked.headers.get("content-type"))
    if name != FORM_TYPE:
        raise wrong_type(name)
    return Form.read(asked.raw or b"".join(asked.pieces(LARGEST)))


def _failed(visit: Visit, error: CounterfoilError) -> Answer:
    """Say in a page what went wrong, and put it on record."""
    if error.code is Code.STEP_UP_REQUIRED and visit.page.method == "GET":
        return visit.go(f"/again?{urlencode({'next': visit.here})}")
    _record(visit, error)
    return show_failure(visit, error)


def _record(visit: Visit, error: CounterfoilError) -> None:
    """Put a refusal of somebody who is known on record, if no operation did."""
    asked, doing = visit.asked, visit.page.operation
    if asked.anyone is None or not doing or status_of(error.code) in _UNRECORDED:
        return
    asked.office.refuse(asked.anyone, asked.origin, doing, error)


def _finished(answer: Answer) -> Answer:
    return replace(answer, headers={**PAGES.headers, **answer.headers})

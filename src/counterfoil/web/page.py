"""Pages: what a file below `pages/` says of each address, and what its handler is given.

    PAGES = (Page("GET", "/tokens", show, N_("Personal Access Tokens"), operation="token.list"),)

A handler is a plain function from a `Visit` to an `Answer`. It calls the same verbs as the doors of
the API, and has no logic of its own. What holds for every page is in `front.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection

from counterfoil.access.caller import Caller
from counterfoil.access.scope import Scope
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.operation import Work
from counterfoil.signin.doors.address import base, site
from counterfoil.web import crumbs, language, notice, render
from counterfoil.web.explained import explained
from counterfoil.web.form import NOTHING, Form
from counterfoil.web.frame import Frame
from counterfoil.web.notice import Notice

HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Nav:
    """Where a page stands in the left bar.

    Attributes:
        section: one of `shell.SECTIONS`.
        label: what it is called there, marked by `N_`.
        icon: a name in `templates/icons.html`.
        place: the lowest comes first.
        needs: the scope without which nobody is led there; the page asks its verbs all the same.
        waiting: how much waits there for the person; it stands beside the label.
    """

    section: str
    label: str
    icon: str
    place: int
    needs: Scope | None = None
    waiting: Callable[[Connection, OrganizationId, UserId], int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One method at one address, for a person at a browser.

    Attributes:
        title: what stands in the tab, marked by `N_`; the handler may say something more exact.
        operation: what it performs, in OPERATIONS; empty for a page that performs nothing.
        also: further operations that it performs.
        parts: what stands in the braces of the path.
        query: the parameters that it allows.
        public: whether it is shown to who is not signed in.
        fresh: whether the person must have proved lately who they are (S44). A verb that demands
            it says so itself; a page says it where one should know before a form is filled in.
        form: shows the form again that a POST came from, with all that was typed and what is wrong.
        secrets: the fields in which a secret may stand; elsewhere one is refused (S9).
        programs: the row for programs at the same address; a browser's form is told from it.
        nav: where it stands in the left bar, if there.
    """

    method: str
    path: str
    handle: Callable[[Visit], Answer]
    title: str
    operation: str = ""
    also: tuple[str, ...] = ()
    parts: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()
    public: bool = False
    fresh: bool = False
    form: Callable[[Visit], Answer] | None = None
    secrets: tuple[str, ...] = ()
    programs: Route | None = None
    nav: Nav | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One person at one page.

    Attributes:
        asked: the request, as the doors of the API know it; `asked.caller` is the person.
        form: what was typed; empty but for a POST, or a form that is shown again.
        notices: what the page before had to say.
        ticket: the browser session's, from which the forms' tokens come; empty for nobody.
        barred: whether that session opens nothing where they act: they came by no provider, which
            the organization asks for.
    """

    page: Page
    asked: Asked
    language: str
    frame: Callable[[Visit], Frame]
    form: Form = NOTHING
    notices: tuple[Notice, ...] = ()
    ticket: str = field(default="", repr=False)
    status: int = 200
    barred: bool = False

    @property
    def caller(self) -> Caller:
        """The person, with what they may do now."""
        return self.asked.caller

    @property
    def signed_in(self) -> bool:
        """Whether anybody stands here."""
        return self.asked.anyone is not None

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.asked.office.clock()

    def read(self) -> AbstractContextManager[Work]:
        """Begin to look for the person: see `Office.read`."""
        return self.asked.read()

    def work(self) -> AbstractContextManager[Work]:
        """Begin work for the person: see `Office.work`."""
        return self.asked.work()

    def say(self, text: str, **values: object) -> str:
        """Return a sentence in the language of the page; mark it by `N_` where it is written."""
        said = language.translations(self.language).gettext(text)
        return said % values if values else said

    def explain(self, error: CounterfoilError) -> str:
        """Say what went wrong in the language of the page."""
        return explained(error, self.language)

    def show(
        self,
        template: str,
        *,
        title: str = "",
        secret: bool = False,
        **data: object,
    ) -> Answer:
        """Answer with a template of this name.

        Args:
            template: its name without the ending, below `pages/` or `templates/`.
            title: what stands in the tab instead of the page's title.
            secret: whether a secret is shown.
            **data: what the template knows beside `visit`, `form`, `frame` and `title`.
        """
        body = render.html(
            template,
            self.language,
            visit=self,
            form=self.form,
            frame=self.frame(self),
            title=title or self.say(self.page.title),
            **data,
        )
        cookies = (notice.taken(self.asked),) if self.notices else ()
        headers = {"Content-Type": HTML, "Cache-Control": "no-store"}
        return Answer(self.status, body.encode(), headers, secret=secret, cookies=cookies)

    def go(self, path: str, *said: Notice, cookies: tuple[str, ...] = ()) -> Answer:
        """Send the browser on to a page of ours, which says what there is to say."""
        if said:
            cookies = (*cookies, notice.given(self.asked, said))
        return Answer(303, headers={"Location": path, "Cache-Control": "no-store"}, cookies=cookies)

    def leave(self, path: str, *said: Notice, cookies: tuple[str, ...] = ()) -> Answer:
        """Send the browser on from a form whose code stands behind the `#` of its address.

        A browser carries that along to where it is sent, unless the new address has one of its own.
        """
        return self.go(f"{path}#top", *said, cookies=cookies)

    def failed(self, error: CounterfoilError, status: int) -> Visit:
        """Return the visit with what went wrong, for the form to be shown again."""
        form = self.form.without(self.page.secrets).with_error(error, self.explain(error))
        return replace(self, form=form, status=status)

    @property
    def has_passkeys(self) -> bool:
        """Whether passkeys count: the server is called by a name, and lets people in itself."""
        local = self.asked.office.providers.passwords
        return local and site(self.asked) is not None

    @property
    def by_name(self) -> str:
        """The address of this server at which passkeys would count; empty where it has none.

        Who stands at a number of loopback finds the same server at `localhost`.
        """
        here = urlsplit(base(self.asked))
        if self.has_passkeys or here.scheme != "http" or not self.asked.office.providers.passwords:
            return ""
        return f"http://localhost:{here.port or 80}"

    @property
    def here(self) -> str:
        """The address of this page, to come back to."""
        query = self.asked.query.values
        return crumbs.address(self.page.path, self.asked.params, query)

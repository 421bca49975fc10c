"""Content API Manager: the node of the asset tree whose children are the API tokens (Q1)."""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SIZE, id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.tokens.api_token_edit import edit_api_token
from counterfoil.tokens.api_token_show import page_api_tokens
from counterfoil.tokens.sought import ANY, Key, Order, idle
from counterfoil.tokens.wish import Wish
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import stopped
from counterfoil.web.views.api_token_view import views
from counterfoil.web.views.resting import Resting
from counterfoil.web.views.token_seek import IDLE_ALONE, Used

PATH: Final = "/content-api-manager"
TITLE: Final = N_("Content API Manager")
ID: Final = id_in("id", "The API token.", Prefix.TOKEN)
_ON: Final = N_("%(name)s is enabled.")
_OFF: Final = N_("%(name)s is disabled: it answers 401 now.")
_OFF_LATE: Final = N_("%(name)s is disabled.")
_BY_NAME: Final = Order(Key.NAME)


def show(visit: Visit) -> Answer:
    """List the API tokens, as children of the manager and in a table; or those nobody uses."""
    asked = visit.asked
    wanted = cursor.wanted(asked, PATH)
    unused = asked.query.text("used") == Used.IDLE
    with visit.read() as work:
        sought = idle(visit.now) if unused else ANY
        page = page_api_tokens(work, wanted, sought, _BY_NAME)
        rows = views(work, page.items)
        resting = Resting.of(work)
    further = None
    if page.after is not None:
        kept = {"used": (str(Used.IDLE),)} if unused else {}
        query = {**kept, "page[after]": (cursor.sealed(asked, PATH, page.after),)}
        further = crumbs.address(PATH, {}, query)
    return visit.show(
        "api_manager",
        rows=rows,
        total=page.total or 0,
        further=further,
        unused=unused,
        resting=resting,
    )


def switch(visit: Visit) -> Answer:
    """Enable a token, or disable it: its secret works again, or answers 401 at once (Q3)."""
    on = visit.form.text("enabled") == "on"
    with visit.work() as work:
        token = edit_api_token(work, token_in(visit), Wish(enabled=on))
    back = f"{PATH}/{token.id}" if visit.form.text("back") == "token" else PATH
    if on:
        return visit.go(back, Notice(visit.say(_ON, name=token.name)))
    return visit.go(back, *stopped.told(visit, work, _OFF, _OFF_LATE, name=token.name))


def token_in(visit: Visit) -> TokenId:
    """Return the token that the address names."""
    return TokenId(ids.read(Prefix.TOKEN, visit.asked.params["id"]))


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        TITLE,
        operation="api_token.page",
        also=("node.list",),
        query=(SIZE, AFTER, IDLE_ALONE),
        nav=Nav(shell.SYSTEM, TITLE, "keys", 10, needs=Scope.TOKENS_MANAGE),
    ),
    Page(
        "POST",
        f"{PATH}/{{id}}/enabled",
        switch,
        TITLE,
        operation="api_token.edit",
        also=("api_token.page", "node.list"),
        parts=(ID,),
        form=show,
    ),
)

"""One personal token: what it is, what it may do, and until when."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.tokens.show import show_token
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.token_view import TokenView


def show(visit: Visit) -> Answer:
    """Show a token to its owner, or to who approves tokens here."""
    id_ = TokenId(ids.read(Prefix.TOKEN, visit.asked.params["id"]))
    with visit.read() as work:
        token = TokenView.of(show_token(work, id_), work)
    return visit.show("token", title=token.name, token=token)


PAGES: Final = (
    Page(
        "GET",
        "/tokens/{id}",
        show,
        N_("Personal access token"),
        operation="token.show",
        parts=(id_in("id", "The token.", Prefix.TOKEN),),
    ),
)

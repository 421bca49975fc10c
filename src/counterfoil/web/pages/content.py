"""The content explorer: tree, list and item, as one sees them oneself or as a token would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.read import show_lineage
from counterfoil.jsonapi.parameter import OFFSET, id_in, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId, Prefix, TokenId
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.tokens.api_token_show import page_api_tokens
from counterfoil.tokens.look_as import look_as
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.show_power import show_power
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import explorer

PATH: Final = "/content"
_TITLE: Final = N_("Content")
_ACTIVE: Final = Sought((Standing.ACTIVE,))
_NODE: Final = id_in("node", "The node that is shown.", Prefix.NODE)
_AS: Final = id_in("as", "The token through whose eyes one looks.", Prefix.TOKEN)
_ON: Final = one_of("on", "At which API.", [one.value for one in Surface])


@dataclass(frozen=True, slots=True)
class Lens:
    """A token that one can look through: one's own, or an API token."""

    id: str
    name: str
    is_mine: bool


def show(visit: Visit) -> Answer:
    """Show a folder, what stands in it, and the node that was chosen."""
    query = visit.asked.query
    named = query.id(Prefix.NODE, "node")
    through = query.id(Prefix.TOKEN, "as") if query.text("as") else None
    surface = next((one for one in Surface if one.value == query.text("on")), None)
    offset = query.page().offset
    with visit.read() as work:
        lenses = _lenses(work)
        grant, method = _through(work, lenses, through)
        if surface is None:
            surface = Surface.MANAGEMENT if grant is None else _first(grant)
        eyes = explorer.eyes_of(work, grant, method, surface)
        begins = explorer.tops(work)
        here = NodeId(named) if named is not None else begins[0].node.id if begins else None
        lineage = show_lineage(work, here) if here is not None else []
        folder = next((one for one in reversed(lineage) if one.node.kind in explorer.HOLDERS), None)
        lines = explorer.tree(eyes, begins, lineage)
        rows, total = explorer.children(eyes, folder.node.id if folder else None, offset)
        item = explorer.item(eyes, lineage) if lineage else None
    further = None
    if offset + len(rows) < total:
        kept = {**query.kept(), "page[offset]": str(offset + len(rows))}
        further = crumbs.address(PATH, {}, {name: (value,) for name, value in kept.items()})
    return visit.show(
        "content",
        lines=lines,
        rows=rows,
        total=total,
        further=further,
        item=item,
        folder="" if folder is None else str(folder.node.id),
        lenses=lenses,
        through="" if through is None else str(through),
        surface=surface.value,
        surfaces=[one.value for one in Surface],
        unseen=eyes.unseen,
        idle=grant is not None and not grant.scopes,
    )


def _lenses(work: Work) -> list[Lens]:
    """Return one's own tokens in force, and the API tokens for who manages them."""
    mine = list_tokens(work, Wanted(LARGEST), work.caller.user, _ACTIVE).items
    found = [Lens(str(one.token.id), one.token.name, is_mine=True) for one in mine]
    if work.caller.grant.scopes & Scope.TOKENS_MANAGE.bit:
        try:
            every = page_api_tokens(work, Wanted(LARGEST)).items
        except CounterfoilError:  # where the admin role alone manages them
            every = []
        found += [Lens(str(one.id), one.name, is_mine=False) for one in every]
    return found


def _through(work: Work, lenses: list[Lens], through: int | None) -> tuple[Grant | None, Method]:
    """Return what the chosen token can do now; None for one's own eyes."""
    if through is None:
        return None, Method.SESSION
    if any(one.is_mine and one.id == str(through) for one in lenses):
        return show_power(work, TokenId(through)).effective, Method.PERSONAL
    return look_as(work, TokenId(through)), Method.SERVICE


def _first(grant: Grant) -> Surface:
    """Return the first API at which a grant is let in."""
    return next((one for one in Surface if grant.surfaces & one.bit), Surface.DELIVERY)


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="node.list",
        also=(
            "node.show", "node.lineage", "delivery.list", "delivery.show", "preview.list",
            "preview.show", "content_type.show", "token.list", "token.show_power",
            "api_token.page", "api_token.look_as",
        ),
        query=(_NODE, _AS, _ON, OFFSET),
        nav=Nav(shell.CONTENT, _TITLE, "tree", 10, needs=Scope.CONTENT_READ),
    ),
)  # fmt: skip

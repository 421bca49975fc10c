"""The content explorer: tree, list and item, as oneself, somebody else or a token sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.read import show_lineage
from counterfoil.content.sample import may_lay_out
from counterfoil.directory.show import list_users
from counterfoil.jsonapi.parameter import OFFSET, SAMPLE, Parameter, id_in, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId, Prefix, TokenId, UserId
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.tokens.api_token_show import page_api_tokens
from counterfoil.tokens.look_as import look_as, look_as_member
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.show_power import show_power
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import explorer

PATH: Final = "/content"
_TITLE: Final = N_("Content")
_MEMBER: Final = f"{Prefix.USER}_"
_ACTIVE: Final = Sought((Standing.ACTIVE,))
_NODE: Final = id_in("node", "The node that is shown.", Prefix.NODE)
_AS: Final = Parameter(
    "as",
    "The token through whose eyes one looks, or the member: `usr_` and the digits.",
    {"type": "string", "pattern": f"^(({Prefix.TOKEN}|{Prefix.USER})_)?[0-9]{{16}}$"},
    SAMPLE,
)
_ON: Final = one_of("on", "At which API.", [one.value for one in Surface])


class Whose(StrEnum):
    """Through whose eyes one may look besides one's own."""

    MEMBER = "member"
    MINE = "mine"
    API = "api"


@dataclass(frozen=True, slots=True)
class Lens:
    """Somebody to look through: a member, or a token that is one's own or the organization's.

    `id` is what the address says, with `usr_` before a member's.
    """

    id: str
    name: str
    whose: Whose


def show(visit: Visit) -> Answer:
    """Show a folder, what stands in it, and the node that was chosen."""
    query = visit.asked.query
    named = query.id(Prefix.NODE, "node")
    through = _named(query.text("as"))
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
        through=through,
        whose=Whose,
        surface=surface.value,
        surfaces=[one.value for one in Surface],
        unseen=eyes.unseen,
        sets_up=may_lay_out(visit.caller.grant),
        idle=grant is not None and not grant.scopes,
    )


def _named(said: str | None) -> str:
    """Return through whom to look, as the address of a lens spells it; nothing for oneself."""
    if not said:
        return ""
    if said.startswith(_MEMBER):
        return f"{_MEMBER}{ids.read(Prefix.USER, said)}"
    return str(ids.read(Prefix.TOKEN, said))


def _lenses(work: Work) -> list[Lens]:
    """Return the other members and the tokens that the caller may look through."""
    me, held = work.caller.user, work.caller.grant.scopes
    found: list[Lens] = []
    if held & Scope.USERS_READ.bit:
        people = list_users(work, Wanted(LARGEST)).items
        found += [
            Lens(f"{_MEMBER}{one.user.id}", one.user.name, Whose.MEMBER)
            for one in people
            if one.user.id != me and one.member.active
        ]
    mine = list_tokens(work, Wanted(LARGEST), me, _ACTIVE).items
    found += [Lens(str(one.token.id), one.token.name, Whose.MINE) for one in mine]
    if held & Scope.TOKENS_MANAGE.bit:
        try:
            every = page_api_tokens(work, Wanted(LARGEST)).items
        except CounterfoilError:  # where the admin role alone manages them
            every = []
        found += [Lens(str(one.id), one.name, Whose.API) for one in every]
    return found


def _through(work: Work, lenses: list[Lens], through: str) -> tuple[Grant | None, Method]:
    """Return what the chosen member or token can do now; None for one's own eyes."""
    if not through:
        return None, Method.SESSION
    if through.startswith(_MEMBER):
        return look_as_member(work, UserId(ids.read(Prefix.USER, through))), Method.SESSION
    token = TokenId(int(through))
    if any(one.whose is Whose.MINE and one.id == through for one in lenses):
        return show_power(work, token).effective, Method.PERSONAL
    return look_as(work, token), Method.SERVICE


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
            "api_token.page", "api_token.look_as", "user.list", "member.look_as",
        ),
        query=(_NODE, _AS, _ON, OFFSET),
        nav=Nav(shell.CONTENT, _TITLE, "tree", 10, needs=Scope.CONTENT_READ),
    ),
)  # fmt: skip

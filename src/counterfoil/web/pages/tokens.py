"""The list of personal tokens, with their states and how many one may have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from counterfoil import directory
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens import Standing as TokenStanding
from counterfoil.tokens.preview import offer
from counterfoil.tokens.show import Seen, list_tokens
from counterfoil.tokens.sought import is_idle
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import live
from counterfoil.web.views.resting import Resting
from counterfoil.web.views.token_page import may
from counterfoil.web.views.token_seek import ALL, ENDS, PARAMETERS, SHOWN, USED, Seek
from counterfoil.web.views.token_templates import serving
from counterfoil.web.views.token_view import BADGES, Standing, TokenView

PATH: Final = "/tokens"
_TITLE: Final = N_("Personal Access Tokens")
_LATELY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Row:
    """A token in the list, with its last use, its owner's name, and what may be done with it.

    Attributes:
        idle: whether nobody has used it for 90 days.
        lately: whether it was used in the last 24 hours: somebody will miss it.
        left: how much of its life is left, in percent; None without an end, and once it is over.
    """

    view: TokenView
    used: Used
    owner: str
    may: frozenset[str]
    idle: bool
    lately: bool
    left: int | None


def show(visit: Visit) -> Answer:
    """List one's own tokens or, for who approves them, everybody's; the newest first."""
    asked, seek = visit.asked, Seek.of(visit)
    wanted = cursor.wanted(asked, PATH)
    with visit.read() as work:
        found = list_tokens(work, wanted, seek.owner, seek.sought(visit.now))
        rows = rows_of(work, found.items)
        every = found.total or 0
        if seek.hides:
            everything = seek.everything().sought(visit.now)
            every = list_tokens(work, Wanted(1), seek.owner, everything).total or 0
        resting = Resting.of(work, everybody=seek.everybody)
        quota, words = offer(work), work.vocabulary()
        mark = live.used(
            {seen.token.id: row.used.last for seen, row in zip(found.items, rows, strict=True)}
        )
    kept = {name: (value,) for name, value in asked.query.kept().items() if value}
    total = found.total or 0
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        said = {name: (value,) for name, value in asked.query.kept().items()}
        further = crumbs.address(PATH, {}, {**said, "page[after]": (after,)})
    return visit.show(
        "tokens",
        rows=rows,
        mark=live.sealed(visit, mark),
        total=total,
        hidden=every - total,
        unhidden=crumbs.address(PATH, {}, {**kept, "old": (SHOWN,)}),
        quota=quota,
        templates=serving(words.spell(quota.scopes)),
        seek=seek,
        further=further,
        resting=resting,
        export=crumbs.address(f"{PATH}/export.csv", {}, kept),
        calendar=f"{PATH}/calendar" + (f"?owner={ALL}" if seek.everybody else ""),
        states=[(one, BADGES[Standing(one.value)]) for one in TokenStanding],
        ends=ENDS,
        uses=USED,
    )


def rows_of(work: Work, seen: Sequence[Seen]) -> list[Row]:
    """Return tokens as rows of a list."""
    used = uses(work, [one.token.id for one in seen])
    owners = {owner for one in seen if (owner := one.token.owner) is not None}
    names = {owner: directory.user(work.tx, owner).name for owner in owners}
    rows: list[Row] = []
    for one, view in zip(seen, TokenView.all_of(seen, work), strict=True):
        owner = one.token.owner
        rows.append(
            Row(
                view=view,
                used=used[one.token.id],
                owner="" if owner is None else names[owner],
                may=may(work, one.token, view),
                idle=is_idle(
                    one.token, work.caller.organization, used[one.token.id].last, work.now
                ),
                lately=_lately(used[one.token.id], work.now),
                left=None if view.is_over else view.left(work.now),
            )
        )
    return rows


def _lately(used: Used, now: datetime) -> bool:
    return used.last is not None and now - used.last.at < _LATELY


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="token.list",
        also=("token.offer",),
        query=(*PAGING, *PARAMETERS),
        nav=Nav(shell.DEVELOPMENT, _TITLE, "key", 10),
    ),
)

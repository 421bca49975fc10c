"""Key-and-secret pairs: the other way in, for programs that speak OAuth (A23)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface, spell_surfaces
from counterfoil.directory.show import list_roles, show_policy
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.page import Wanted
from counterfoil.kernel.sentence import Say
from counterfoil.operation import Work
from counterfoil.tokens.flag import dismiss_pair_flags
from counterfoil.tokens.key_pair import (
    create_pair,
    disable_pair,
    edit_pair,
    enable_pair,
    list_pairs,
    revoke_pair,
    show_pair,
)
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.policy import expirations
from counterfoil.tokens.show_usage import show_pair_usage
from counterfoil.tokens.sought import ANY, idle, is_idle
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.tokens.usage_model import LastUse
from counterfoil.tokens.wish import Wish
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.sent_once import key_of, made_once
from counterfoil.web.views import stopped, token_form
from counterfoil.web.views.flag_said import DISMISSED, FlagView, flag_views
from counterfoil.web.views.resting import Resting
from counterfoil.web.views.role_choice import lendable
from counterfoil.web.views.secret_page import reveal_pair
from counterfoil.web.views.token_seek import IDLE_ALONE
from counterfoil.web.views.token_seek import Used as Sought
from counterfoil.web.views.token_use import BACK, range_in, use_of
from counterfoil.web.views.token_view import BADGES, Badge, standing

PATH: Final = "/key-pairs"
_TITLE: Final = N_("Key and secret pairs")
_OFF: Final = N_("It is switched off, and what it was given has ended.")
_GONE: Final = N_("%(name)s is deleted, and what it was given has ended.")
_NEW: Final = N_("Create pair")
_ONE: Final = "/key-pairs/{id}"


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair as people read it."""

    token: Token
    badge: Badge
    is_over: bool
    is_on: bool
    idle: bool
    role: str
    surfaces: tuple[str, ...]
    used: Used

    @property
    def last(self) -> LastUse | None:
        """When a token that it was given was last used."""
        return self.used.last

    def flags(self, say: Say) -> list[FlagView]:
        """Return what it was flagged for, as it is read."""
        return flag_views(self.used, say)

    @property
    def key(self) -> str:
        """The half of a pair that is no secret."""
        return str(self.token.id)


def show(visit: Visit) -> Answer:
    """List the pairs of the organization, the newest first; or those that nobody uses."""
    asked = visit.asked
    wanted = cursor.wanted(asked, PATH)
    unused = asked.query.text("used") == Sought.IDLE
    with visit.read() as work:
        found = list_pairs(work, wanted, idle(visit.now) if unused else ANY)
        rows = _viewed(work, list(found.items))
        resting = Resting.of(work)
    further = None
    if found.after is not None:
        kept = {"used": (str(Sought.IDLE),)} if unused else {}
        after = cursor.sealed(asked, PATH, found.after)
        further = crumbs.address(PATH, {}, {**kept, "page[after]": (after,)})
    return visit.show(
        "key_pairs",
        rows=rows,
        total=found.total or 0,
        further=further,
        unused=unused,
        resting=resting,
    )


def blank(visit: Visit) -> Answer:
    """Show the form for another pair, with the roles that one may lend it."""
    with visit.read() as work:
        list_pairs(work, Wanted(1))  # who may list them may make them
        rules = show_policy(work)
        roles = lendable(work)
    if not visit.form.values:
        values = {**token_form.blank(rules, visit.now), "surfaces": ("", str(Surface.DELIVERY))}
        visit = replace(visit, form=replace(visit.form, values=values))
    return visit.show(
        "key_pair_new",
        roles=[(str(role.id), role.name) for role in roles],
        choices=expirations(rules, visit.now),
        last_day=token_form.last_day(rules, visit.now),
        once=key_of(visit),
    )


def create(visit: Visit) -> Answer:
    """Make the pair and show its secret, once."""
    made = made_once(
        visit, lambda work: create_pair(work, _wish_in(visit)), lambda one: one.token.id
    )
    if not isinstance(made, str):
        return reveal_pair(visit, made)
    told = visit.say("This form was sent before: here is the pair. Its secret was shown then.")
    return visit.go(f"{PATH}/{made}", Notice(told, "neutral"))


def show_one(visit: Visit) -> Answer:
    """Show one pair, how what it was given was used, and what can be done to it."""
    id_ = _id(visit)
    with visit.read() as work:
        pair = _viewed(work, [show_pair(work, id_)])[0]
        report = show_pair_usage(work, id_, range_in(visit))
    return visit.show("key_pair", title=pair.token.name, pair=pair, use=use_of(report))


def rename(visit: Visit) -> Answer:
    """Call a pair something else."""
    wish = Wish(name=visit.form.text("name"), description=visit.form.text("description"))
    with visit.work() as work:
        edit_pair(work, _id(visit), wish)
    return visit.go(visit.here, Notice(visit.say("It is called so now.")))


def disable(visit: Visit) -> Answer:
    """Switch a pair off."""
    with visit.work() as work:
        pair = disable_pair(work, _id(visit))
    return visit.go(f"{PATH}/{pair.id}", *stopped.told(visit, work, _OFF))


def enable(visit: Visit) -> Answer:
    """Switch a pair on again."""
    with visit.work() as work:
        pair = enable_pair(work, _id(visit))
    return visit.go(f"{PATH}/{pair.id}", Notice(visit.say("It is switched on again.")))


def dismiss(visit: Visit) -> Answer:
    """Say that what a pair was flagged for is all right."""
    with visit.work() as work:
        pair = dismiss_pair_flags(work, _id(visit))
    return visit.go(f"{PATH}/{pair.id}", Notice(visit.say(DISMISSED)))


def delete(visit: Visit) -> Answer:
    """Revoke a pair, and with it what it was given."""
    with visit.work() as work:
        pair = revoke_pair(work, _id(visit))
    return visit.go(PATH, *stopped.told(visit, work, _GONE, name=pair.name))


def _wish_in(visit: Visit) -> Wish:
    form = visit.form
    try:
        role = ids.read(Prefix.ROLE, form.text("role"))
    except NotFound:
        raise Invalid(Code.INVALID_FIELD, N_("Choose a role."), field="/role") from None
    return Wish(
        name=form.text("name"),
        description=form.text("description"),
        inherit=True,
        surfaces=token_form.surfaces_in(form),
        expires_at=token_form.end_in(form, visit.now),
        authority="role",
        subject=role,
    )


def _viewed(work: Work, pairs: list[Token]) -> list[PairView]:
    here, reads = work.caller.organization, work.caller.grant.scopes & Scope.ROLES_READ.bit
    names = {int(role.id): role.name for role in list_roles(work)} if reads else {}
    used = uses(work, [pair.id for pair in pairs])
    seen = []
    for pair in pairs:
        grant = pair.grant_in(here)
        over = pair.expired(work.now) and grant.standing in {State.ACTIVE, State.DISABLED}
        seen.append(
            PairView(
                pair,
                BADGES[standing(pair, here, work.now)],
                is_over=over or grant.standing not in {State.ACTIVE, State.DISABLED},
                is_on=grant.standing is State.ACTIVE,
                idle=is_idle(pair, work.caller.organization, used[pair.id].last, work.now),
                role=names.get(pair.subject or 0, "") if pair.authority == "role" else "",
                surfaces=spell_surfaces(grant.bounds.surfaces),
                used=used[pair.id],
            )
        )
    return seen


def _id(visit: Visit) -> TokenId:
    return TokenId(ids.read(Prefix.TOKEN, visit.asked.params["id"]))


_SHOWN: Final = ("key_pair.show_usage", "role.list")
_PARTS: Final = (id_in("id", "The pair.", Prefix.TOKEN),)

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="key_pair.list",
        also=("role.list",),
        query=(*PAGING, IDLE_ALONE),
        nav=Nav(shell.DEVELOPMENT, _TITLE, "keys", 20, needs=Scope.TOKENS_MANAGE),
    ),
    Page(
        "GET",
        "/key-pairs/new",
        blank,
        _NEW,
        operation="key_pair.list",
        also=("policy.show", "role.list"),
        fresh=True,
    ),
    Page("POST", "/key-pairs/new", create, _NEW, operation="key_pair.create", form=blank),
    Page("GET", _ONE, show_one, _TITLE, "key_pair.show", also=_SHOWN, parts=_PARTS, query=(BACK,)),
    Page(
        "POST",
        _ONE,
        rename,
        _TITLE,
        operation="key_pair.edit",
        also=("key_pair.show", *_SHOWN),
        parts=_PARTS,
        form=show_one,
    ),
    Page("POST", f"{_ONE}/disable", disable, _TITLE, "key_pair.disable", parts=_PARTS),
    Page("POST", f"{_ONE}/enable", enable, _TITLE, "key_pair.enable", parts=_PARTS),
    Page("POST", f"{_ONE}/delete", delete, _TITLE, "key_pair.revoke", parts=_PARTS),
    Page("POST", f"{_ONE}/dismiss", dismiss, _TITLE, "key_pair.dismiss_flags", parts=_PARTS),
)

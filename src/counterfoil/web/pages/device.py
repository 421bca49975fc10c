"""Letting a device in that has no browser, by the letters that it shows (S49).

Whoever comes here types them: no address fills them in, so that nobody says yes to what somebody
else began.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil import directory
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import UserId
from counterfoil.signin.device import approve, deny, look_up
from counterfoil.signin.doors.device import PAGE
from counterfoil.signin.model import Device
from counterfoil.signin.steps.visit import entered
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.scope_words import in_order

_TITLE: Final = N_("Let a device in")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a device could do in one organization, by the person's roles there."""

    organization: str
    roles: tuple[str, ...]
    scopes: tuple[str, ...]


def ask(visit: Visit) -> Answer:
    """Ask for the letters."""
    return visit.show("device")


def show(visit: Visit) -> Answer:
    """Show who asks by them, and let the person answer."""
    return visit.show(
        "device_asks",
        device=_device(visit),
        code=visit.form.text("code"),
        reach=_reach(visit),
    )


def say_yes(visit: Visit) -> Answer:
    """Let the device in."""
    device = _device(visit)
    with visit.work() as work:
        approve(work, device)
    return visit.go("/", Notice(visit.say("The device is signed in as you.")))


def say_no(visit: Visit) -> Answer:
    """Refuse the device."""
    device = _device(visit)
    with visit.work() as work:
        deny(work, device)
    return visit.go("/", Notice(visit.say("The device was refused.")))


def _reach(visit: Visit) -> list[Reach]:
    """Return what the device could do: it speaks wherever this session lets its person in."""
    user = visit.caller.user or UserId(0)
    callers = {one.organization: one for one in entered(visit.asked.office, visit.ticket, user)}
    found = []
    with visit.asked.office.database.reading() as tx:
        for place in directory.memberships(tx, user):
            caller = callers.get(place.organization)
            if caller is None:
                continue
            scopes = directory.vocabulary(tx, place.organization).spell(caller.grant.scopes)
            name = directory.organization(tx, place.organization).name
            roles = tuple(sorted(role.name for role in place.roles))
            found.append(Reach(name, roles, in_order(scopes)))
    return found


def _device(visit: Visit) -> Device:
    user = visit.caller.user or UserId(0)
    return look_up(visit.asked.office, user, visit.form.text("code"), visit.asked.origin)


PAGES: Final = (
    Page("GET", PAGE, ask, _TITLE),
    Page("POST", PAGE, show, _TITLE, form=ask),
    Page("POST", f"{PAGE}/approve", say_yes, _TITLE, "device.approve", form=ask, fresh=True),
    Page("POST", f"{PAGE}/deny", say_no, _TITLE, "device.deny", form=ask),
)

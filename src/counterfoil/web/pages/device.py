"""Letting a device in that has no browser, by the letters that it shows (S49).

Whoever comes here types them: no address fills them in, so that nobody says yes to what somebody
else began.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import UserId
from counterfoil.signin.device import approve, deny, look_up
from counterfoil.signin.doors.device import PAGE
from counterfoil.signin.model import Device
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Let a device in")


def ask(visit: Visit) -> Answer:
    """Ask for the letters."""
    return visit.show("device")


def show(visit: Visit) -> Answer:
    """Show who asks by them, and let the person answer."""
    return visit.show("device_asks", device=_device(visit), code=visit.form.text("code"))


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


def _device(visit: Visit) -> Device:
    user = visit.caller.user or UserId(0)
    return look_up(visit.asked.office, user, visit.form.text("code"), visit.asked.origin)


PAGES: Final = (
    Page("GET", PAGE, ask, _TITLE),
    Page("POST", PAGE, show, _TITLE, form=ask),
    Page("POST", f"{PAGE}/approve", say_yes, _TITLE, "device.approve", form=ask, fresh=True),
    Page("POST", f"{PAGE}/deny", say_no, _TITLE, "device.deny", form=ask),
)

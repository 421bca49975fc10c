"""The one page that shows a one-time code, in the answer to the form that made it."""

from __future__ import annotations

from typing import Final

from counterfoil.directory import Presence
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import UserId
from counterfoil.signin import Invited
from counterfoil.signin.doors.address import base
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.people_view import PRESENCES
from counterfoil.web.views.secret_page import Use

_LEAD: Final = N_("Hand it on now, by a way that you trust: it is shown this once.")
_LINK: Final = N_("It opens the page with the code already in it.")


def reveal_code(visit: Visit, user: UserId, name: str, made: Invited) -> Answer:
    """Show a code by which somebody comes in, with the link to where they use it."""
    words, site = made.code.reveal(), base(visit.asked)
    joins = made.joins is not None
    link = f"{site}/invitations" if joins else f"{site}/setup#{words}"
    where = N_("They sign in to the account that they have, and type the code there.")
    return visit.show(
        "secret",
        title=visit.say("A one-time code for %(name)s", name=name),
        secret=True,
        lead=visit.say(_LEAD),
        name=name,
        words=words,
        key="",
        after=f"/people/{user}",
        uses=(Use("link", visit.say(N_("Link")), where if joins else _LINK, (link,)),),
        badge=PRESENCES[Presence.INVITED],
        pending=False,
        approvers=0,
        request="",
        until=made.dies_at,
    )

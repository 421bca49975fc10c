"""What all pages of one member show: who they are, and what whoever looks may do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi.parameter import id_in
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.operation import Work
from counterfoil.signin.accounts import Account, show_account
from counterfoil.web.page import Visit
from counterfoil.web.views.people_view import PersonView
from counterfoil.web.views.role_choice import within_reach

PART: Final = id_in("id", "The user.", Prefix.USER)


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A member with all that their pages have in common.

    `may` says whether who looks manages members, and reaches as far as this one does.
    """

    view: PersonView
    account: Account
    may: bool

    @property
    def path(self) -> str:
        """Where their pages begin."""
        return f"/people/{self.view.id}"

    @property
    def version(self) -> str:
        """Which state of the membership this is."""
        return str(self.account.person.member.version)


def person_in(visit: Visit) -> UserId:
    """Return which member the address names."""
    return UserId(ids.read(Prefix.USER, visit.asked.params["id"]))


def look(work: Work, visit: Visit) -> PersonPage:
    """Show a member to who may read members."""
    account = show_account(work, person_in(visit))
    manages = bool(work.caller.grant.scopes & Scope.USERS_MANAGE.bit)
    may = manages and within_reach(work, account.person.member.roles)
    return PersonPage(PersonView.of(account, visit), account, may)


def version_in(visit: Visit) -> int:
    """Return the version that was on the page; one that there never is, if it says none."""
    said = visit.form.text("version")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _LONGEST else 0


_LONGEST: Final = 15

"""Members with their accounts: how they sign in, when they last did, and how many tokens they have.

Of who has yet to accept an invitation nothing is told but that: whose account it is settles their
yes. How many tokens somebody has is for who may see the tokens themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from counterfoil import directory, tokens
from counterfoil.access.scope import Scope
from counterfoil.directory import Person, Sought
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.signin.model import Ways
from counterfoil.signin.store import arrivals
from counterfoil.tokens import Standing

_UNTOLD = Ways()


@dataclass(frozen=True, slots=True)
class Account:
    """A member with their account.

    `tokens` counts their personal tokens here by what each is; None for who may not see those.
    """

    person: Person
    ways: Ways
    tokens: Mapping[Standing, int] | None


@operation("account.list", requires=Scope.USERS_READ, methods=ANY_CALLER, reads=True)
def list_accounts(work: Work, wanted: Wanted, sought: Sought) -> Page[Account]:
    """List the members who are sought, with their accounts."""
    work.permit()
    page = directory.people(work.tx, work.caller.organization, wanted, sought)
    return Page(_accounts(work, page.items), page.after, page.total)


@operation("account.show", requires=Scope.USERS_READ, methods=ANY_CALLER, reads=True)
def show_account(work: Work, id_: UserId) -> Account:
    """Show a member with their account."""
    work.permit(target=spell(Prefix.USER, id_))
    member = directory.member(work.tx, work.caller.organization, id_)
    return _accounts(work, [Person(directory.user(work.tx, id_), member)])[0]


def _accounts(work: Work, people: Sequence[Person]) -> list[Account]:
    ids = [one.user.id for one in people]
    ways = arrivals.ways(work.tx, ids)
    counted: Mapping[UserId, Mapping[Standing, int]] | None = None
    if work.caller.grant.scopes & Scope.TOKENS_APPROVE.bit:
        counted = tokens.counted(work.tx, work.caller.organization, ids, work.now)
    return [
        Account(
            one,
            _UNTOLD if one.member.invited_as else ways[one.user.id],
            None if counted is None else counted.get(one.user.id, {}),
        )
        for one in people
    ]

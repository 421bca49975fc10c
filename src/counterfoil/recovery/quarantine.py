"""The quarantine of a restored database: how it begins, and how its operator ends it (R12).

Nothing ends it by itself. Whoever ends it says what is revoked, and how many tokens open again: so
nobody opens more than they have looked at.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import Connection, select

from counterfoil import directory, gates, notices, signin, tokens, webhooks
from counterfoil.access.caller import Method, Origin
from counterfoil.audit.record import ALLOWED, entries
from counterfoil.audit.restored import goes_on_from
from counterfoil.feed import outbox, quarantine
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS, Work, operation

T = TypeVar("T", TokenId, UserId)

MACHINE: Final = Origin("operator")
_OPERATOR: Final = frozenset({Method.SYSTEM})


@dataclass(frozen=True, slots=True)
class Choice:
    """What the operator has revoked before anything opens again.

    Attributes:
        everything: all tokens and all ways to sign in, but for the tokens `kept`.
        since: whatever was made, or given more power, from this instant on.
        named: these tokens.
        kept: with `everything`, tokens that stay.
    """

    everything: bool = False
    since: datetime | None = None
    named: AbstractSet[TokenId] = frozenset()
    kept: AbstractSet[TokenId] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a choice comes to: which tokens go, whose ways to sign in go, how many tokens stay.

    `outright` says that none stays: then each organization ends all of its own at once.
    """

    tokens: dict[TokenId, OrganizationId]
    people: dict[UserId, OrganizationId]
    opening: int
    outright: bool = False

    @property
    def told(self) -> str:
        """What goes, and what opens again, in a line."""
        return (
            f"revokes {len(self.tokens)} tokens, "
            f"takes back how {len(self.people)} people sign in, opens {self.opening} tokens"
        )


def plan(tx: Connection, choice: Choice, now: datetime) -> Plan:
    """Return what a choice comes to now; nothing is changed.

    Raises:
        NotFound: for a token that is named and is not in force.
    """
    live = {
        id_: here
        for here in directory.organization_ids(tx)
        for id_ in tokens.in_force(tx, here, now)
    }
    for named in (*choice.named, *choice.kept):
        if named not in live:
            told = f"{spell(Prefix.TOKEN, named)} is no token that is in force."
            raise NotFound(Code.NOT_FOUND, told)
    homes = directory.homes(tx)
    if choice.everything:
        going = {id_: here for id_, here in live.items() if id_ not in choice.kept}
        people = homes
    else:
        young = set() if choice.since is None else _young(tx, live, choice.since, now)
        going = {id_: here for id_, here in live.items() if id_ in young | choice.named}
        changed = set() if choice.since is None else signin.changed_since(tx, choice.since)
        people = {user: here for user, here in homes.items() if user in changed}
    outright = choice.everything and not choice.kept
    return Plan(going, people, len(live) - len(going), outright=outright)


def _young(
    tx: Connection, live: dict[TokenId, OrganizationId], since: datetime, now: datetime
) -> set[TokenId]:
    """Return the tokens that were made since, or to which the trail says that something was done.

    What only looked does not count.
    """
    made = {id_ for here in set(live.values()) for id_ in tokens.in_force(tx, here, now, since)}
    done = tx.execute(
        select(entries.c.operation, entries.c.target).where(
            entries.c.at >= since,
            entries.c.outcome == ALLOWED,
            entries.c.target.startswith(f"{Prefix.TOKEN}_"),
        )
    )
    for doing, target in done:
        known = OPERATIONS.get(doing)
        if known is None or not known.reads:
            made.add(TokenId(ids.read(Prefix.TOKEN, target)))
    return made


@operation("quarantine.begin", requires=None, methods=_OPERATOR, surface=None, vital=True)
def begin(work: Work, why: str, *, anew: bool, beyond: int = 0) -> None:
    """Put on record that the database was restored; with `anew`, begin another epoch by it.

    The entry says from where the trail goes on: what came after that is in no copy, and whoever
    verifies the trail is told so (decision 160).

    What waited in the copy to be told to webhooks or by mail may have been told since: nothing of
    it is sent by itself. A gate on another host may have been removed since, and is told of every
    organization: none is known any more, and who is to follow is enrolled anew.
    """
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    work.note(why)
    if anew:
        before = goes_on_from(work.tx)
        webhooks.withhold_all(work.tx)
        notices.send_none(work.tx)
        gates.shut_out_all(work.tx)
        began = quarantine.begin(work.tx, work.now, outbox.last_at(work.tx), beyond)
        work.emit(began)
        work.note(f"{why}; epoch {began.epoch} begins: {before}")


@operation("quarantine.end", requires=None, methods=_OPERATOR, surface=None)
def end(work: Work, why: str, *, last: bool) -> None:
    """Put on record by what the operator ends the quarantine; with `last`, end it.

    That is in a transaction of its own: the first that a gate hears of another epoch is that.
    """
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    work.note(why)
    if last:
        work.emit(quarantine.end(work.tx, work.now))


def begin_everywhere(office: Office, why: str, beyond: int = 0) -> None:
    """Begin a quarantine, `beyond` a position that somebody knows of.

    It stands in every organization's trail, and everybody is signed out.

    Raises:
        Conflict: in a database in which nobody is yet: there is nothing to keep closed.
    """
    here = _organizations(office)
    with office.work(directory.operator(here[0]), MACHINE) as work:
        begin(work, why, anew=True, beyond=beyond)
        signin.end_everybody(work, why)
    for other in here[1:]:
        with office.work(directory.operator(other), MACHINE) as work:
            begin(work, why, anew=False)


def end_everywhere(office: Office, planned: Plan, why: str) -> None:
    """Revoke what a plan says and end the quarantine, last of all.

    Whoever is interrupted in between begins again: until the end nothing opens.
    """
    here = _organizations(office)
    for organization in here:
        with office.work(directory.operator(organization), MACHINE) as work:
            if planned.outright:
                tokens.revoke_tokens(work, why)
            else:
                for token in sorted(_at(planned.tokens, organization)):
                    tokens.recall(work, token, why)
            for user in sorted(_at(planned.people, organization)):
                signin.recall(work, user, why)
            if organization != here[-1]:
                end(work, why, last=False)
    with office.work(directory.operator(here[-1]), MACHINE) as work:
        end(work, why, last=True)


def _at(planned: dict[T, OrganizationId], organization: OrganizationId) -> list[T]:
    return [id_ for id_, home in planned.items() if home == organization]


def _organizations(office: Office) -> list[OrganizationId]:
    with office.database.reading() as tx:
        found = directory.organization_ids(tx)
    if not found:
        raise Conflict(Code.CONFLICT, "Nobody is in this database yet.")
    return found

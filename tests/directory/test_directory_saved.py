"""Filters of the audit trail that people keep under names, on both engines."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope
from counterfoil.directory.save_query import MOST, forget_query, queries, save_query
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Conflict, Denied, Invalid, NotFound
from counterfoil.kernel.ids import UserId
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on

REFUSED = {"outcome": "INSUFFICIENT_SCOPE"}
OURS = {"address": "192.0.2.0/24", "show": "all"}


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def save(company: Company, user: UserId, name: str, asks: dict[str, str]) -> None:
    with company.acting(user) as work:
        save_query(work, name, asks)


def kept(company: Company, user: UserId) -> list[tuple[str, dict[str, str]]]:
    with company.looking(user) as work:
        return [(one.name, dict(one.asks)) for one in queries(work)]


def test_a_filter_is_kept_replaced_and_removed(acme: Company) -> None:
    """A filter is found under its name until it is removed; the same name has the last one."""
    save(acme, acme.ada, "  Refusals ", REFUSED)
    save(acme, acme.ada, "from the office", OURS)
    assert kept(acme, acme.ada) == [("from the office", OURS), ("Refusals", REFUSED)]
    save(acme, acme.ada, "REFUSALS", OURS)
    assert kept(acme, acme.ada) == [("from the office", OURS), ("REFUSALS", OURS)]
    with acme.acting(acme.ada) as work:
        forget_query(work, "refusals")
    assert kept(acme, acme.ada) == [("from the office", OURS)]
    with pytest.raises(NotFound), acme.acting(acme.ada) as work:
        forget_query(work, "refusals")


def test_filters_are_ones_own(acme: Company) -> None:
    """Nobody sees or removes what another keeps, nor what they keep in another organization."""
    ben = acme.hire("Ben", "admin")
    save(acme, acme.ada, "refusals", REFUSED)
    assert kept(acme, ben) == []
    with pytest.raises(NotFound), acme.acting(ben) as work:
        forget_query(work, "refusals")
    beta = Company(acme.office, "Beta")
    assert beta.hire("Ben", "admin") == ben
    save(beta, ben, "there", OURS)
    assert kept(beta, ben) == [("there", OURS)]
    assert kept(acme, ben) == []
    assert kept(acme, acme.ada) == [("refusals", REFUSED)]


def test_only_so_many_are_kept(acme: Company) -> None:
    """One more than fifty is refused and changes nothing; one of the fifty may be replaced."""
    for number in range(MOST):
        save(acme, acme.ada, f"filter {number:02}", OURS)
    with pytest.raises(Conflict):
        save(acme, acme.ada, "one more", OURS)
    save(acme, acme.ada, "filter 07", REFUSED)
    there = dict(kept(acme, acme.ada))
    assert len(there) == MOST
    assert there["filter 07"] == REFUSED


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\u202eb", "two\nlines"])
def test_a_name_is_proper(acme: Company, name: str) -> None:
    """What is no name is refused, and the field is named (S39)."""
    with pytest.raises(Invalid) as refused:
        save(acme, acme.ada, name, OURS)
    assert refused.value.field == "/data/attributes/name"


def test_what_leaves_nothing_out_is_not_kept(acme: Company) -> None:
    """The whole trail needs no name."""
    with pytest.raises(Invalid):
        save(acme, acme.ada, "everything", {})


def test_filters_are_for_who_reads_the_trail(acme: Company) -> None:
    """Without audit:read nobody keeps or removes any (S17)."""
    ben = acme.hire("Ben", "reader")
    with pytest.raises(Denied) as refused:
        save(acme, ben, "mine", OURS)
    assert refused.value.meta["scope"] == str(Scope.AUDIT_READ)
    with pytest.raises(Denied), acme.acting(ben) as work:
        forget_query(work, "mine")

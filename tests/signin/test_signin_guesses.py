"""Whose second factor somebody guesses at is told so: once a day, and nobody else learns of it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from counterfoil.access.caller import Caller, Origin
from counterfoil.audit.record import entries
from counterfoil.kernel.page import Wanted
from counterfoil.notices.letter import Reader, Stationery, letter
from counterfoil.notices.model import Kind, Notice
from counterfoil.notices.read import list_notices
from counterfoil.signin import guesses, policy
from counterfoil.signin.guesses import Guesses
from support.office import START, StandingClock
from support.second import App, enter
from support.signin import PASSWORD, House, Visitor

pytestmark = pytest.mark.each_engine

TRIES = policy.GUESSES


@pytest.fixture
def told(house: House) -> Guesses:
    return Guesses(house.office)


@pytest.fixture
def app(house: House) -> App:
    return App(Visitor(house.office))


def notices(house: House) -> list[Notice]:
    """Return what Ben was told of guesses, the latest first."""
    with house.looking(house.ben) as work:
        found = list_notices(work, Wanted(100), unread=False).items
    return [one for one in found if one.kind is Kind.SECOND_FACTOR_GUESSED]


def entries_of(house: House) -> int:
    """Count what is on record, but for what waits to be."""
    with house.office.database.reading() as tx:
        return tx.scalar(select(func.count()).select_from(entries)) or 0


def guess(house: House, times: int = TRIES, code: str = "000000") -> None:
    for _ in range(times):
        assert enter(house, code).status == 401


def test_a_person_is_told_that_codes_are_guessed(house: House, app: App, told: Guesses) -> None:
    """Who is guessed at by the right password and wrong codes is told, in the page and by mail."""
    guess(house)
    assert notices(house) == []
    told.flush()
    (one,) = notices(house)
    assert one.mail_due_at == house.office.clock()
    assert one.facts == {"address": "192.0.2.7"}
    ben, paper = Reader("Ben", "ben@people.test", "Acme"), Stationery("https://x.test", "c@x.test")
    text = letter(one, ben, paper, START).get_content()
    assert "192.0.2.7" in text
    assert "https://x.test/settings/security" in text
    assert enter(house, app.code()).status == 204


def test_a_recovery_code_is_guessed_too(house: House, app: App, told: Guesses) -> None:
    """Wrong codes for recovery count like those of the app."""
    assert app.recovery
    guess(house, code="aaaa-aaaa-aaaa-aaaa")
    told.flush()
    assert len(notices(house)) == 1


def test_it_is_told_once_a_day(house: House, app: App, told: Guesses, clock: StandingClock) -> None:
    """However often somebody guesses, it is one notice in a day, at every host together."""
    other = Guesses(house.office)

    def both(whose: Caller, origin: Origin) -> None:
        told.note(whose, origin)
        other.note(whose, origin)

    house.office.guessed = both
    guess(house, 6)
    for one in (told, other, told):
        one.flush()
    clock.move_on(hours=13)  # which is another day of the calendar
    guess(house, 1)
    told.flush()
    assert len(notices(house)) == 1
    clock.move_on(hours=11)
    guess(house)
    told.flush()
    other.flush()
    assert len(notices(house)) == 2
    assert app.recovery


def test_a_guess_writes_nothing_but_its_entry(house: House, app: App, told: Guesses) -> None:
    """What an attacker can do as often as they like writes no notice, and no more than it did."""
    assert app.recovery
    before = entries_of(house)
    guess(house, 9)
    assert entries_of(house) == before + 9
    told.flush()
    told.flush()
    assert entries_of(house) == before + 10
    assert house.trail()[-1] == ("signin.fail", "WRONG_PASSWORD")


@pytest.mark.parametrize(
    ("tried", "times"),
    [
        (("000000", "wrong password"), 9),
        ((None, PASSWORD), 9),
        (("000000", PASSWORD), TRIES - 1),
    ],
    ids=["of a wrong password", "of no code", "of a slip or two"],
)
def test_nobody_is_told_of_less(
    house: House, app: App, told: Guesses, tried: tuple[str | None, str], times: int
) -> None:
    """A wrong password, no code at all, and a slip or two are no guesses at a second factor."""
    assert app.recovery
    for _ in range(times):
        assert enter(house, tried[0], password=tried[1]).status == 401
    told.flush()
    assert notices(house) == []


def test_who_came_in_begins_anew(house: House, app: App, told: Guesses) -> None:
    """Slips before the right code are forgotten with it: nobody is told of their own."""
    for _ in range(2):
        guess(house, TRIES - 1)
        house.office.clock.move_on(seconds=30)  # type: ignore[attr-defined]
        assert enter(house, app.code()).status == 204
    told.flush()
    assert notices(house) == []


def test_what_cannot_be_written_is_told_later(
    house: House, app: App, told: Guesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that fails forgets nobody."""
    assert app.recovery
    guess(house)
    with monkeypatch.context() as broken:
        broken.setattr(guesses, "tell_of_guesses", _full)
        with pytest.raises(OSError, match="full"):
            told.flush()
    told.flush()
    assert len(notices(house)) == 1


def _full(*_told: object) -> None:
    message = "the disk is full"
    raise OSError(message)

"""A bus that lies: whatever it brings, and how often, a gate believes what the office signed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.feed.event import TokenStruck
from counterfoil.feed.page import (
    LONGEST_MS,
    PURPOSE,
    TO_ALL,
    ForgedError,
    Page,
    Piece,
    sealed,
    spell,
)
from counterfoil.feed.report import Heard as Receipt
from counterfoil.gateway.news import (
    DRAIN_S,
    LONGEST_BYTES,
    UNFIT_S,
    WAITING_BYTES,
    Found,
    Inbox,
)
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from counterfoil.secret import digest
from support.far import KEY, Far, Line, far
from support.gate import BASE, mint, record
from support.office import empty_database
from support.rumours import Hurried, Rumours

OFFICE, STRANGER = Signer(PURPOSE, KEY), Signer(PURPOSE, b"\7" * 32)


@dataclass
class House:
    """A gate that is level with its office, and has heard nothing but what it asked for."""

    far: Far
    bus: Rumours

    def told(self, *tokens: str) -> list[bytes]:
        """Commit each of these; return what the office tells of it, which nobody hears yet."""
        before = len(self.bus.told)
        for number, token in enumerate(tokens):
            self.far.commit(record(token, token=BASE + 300 + before + number))
        return self.bus.told[before:]

    def hear(self) -> bool:
        """Have the gate take in what came, without a question."""
        assert self.far.news is not None
        return self.far.news.wait(0)

    def knows(self, token: str) -> bool:
        return digest(token) in [key for key, _ in self.far.replica.dump()["tokens"]]


@contextmanager
def house(database: Database, folder: Path) -> Iterator[House]:
    inbox = Hurried()
    bus = Rumours(inbox)
    with far(database, folder, Line(bus, bus, inbox)) as both:
        both.level()
        yield House(both, bus)


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Iterator[House]:
    with house(database, tmp_path) as built:
        yield built


def test_what_comes_twice_or_late_is_passed_over(here: House) -> None:
    """A page that was heard before moves nothing back, whenever it comes again (R3, R7)."""
    token = mint()
    first, second = here.told(token, mint())
    here.bus.bring(first, second, first, second, first)
    here.hear()
    stands, known = here.far.replica.position(), here.far.replica.dump()
    here.far.commit(TokenStruck(organization=BASE + 1, token=BASE + 301, digests=(digest(token),)))
    here.bus.bring(here.bus.told[-1], first)
    here.hear()
    assert here.far.replica.position() == stands + 1
    assert not here.knows(token)
    assert here.far.replica.dump() != known
    assert here.far.heard(Found.OLD) == 4


def test_what_has_a_gap_before_it_waits_for_the_question(here: House) -> None:
    """Pages in the wrong order move nothing until what is missing is there (R3)."""
    first, second = here.told(mint(), mint())
    stands = here.far.replica.position()
    here.bus.bring(second)
    assert here.hear()
    assert here.far.replica.position() == stands
    here.bus.bring(first, second)
    here.hear()
    assert here.far.replica.position() == stands + 2


@pytest.mark.parametrize("at", [0, 40, 64, 90, -1])
def test_one_byte_is_enough(here: House, at: int) -> None:
    """A page of which a single byte was changed is not the office's (R3, R7)."""
    (page,) = here.told(mint())
    changed = bytearray(page)
    changed[at] ^= 1
    stands = here.far.replica.position()
    here.bus.bring(bytes(changed))
    here.hear()
    assert here.far.replica.position() == stands
    assert here.far.heard(Found.FORGED) == 1


def page(
    signer: Signer, here: House, *, nonce: str = TO_ALL, epoch: int = 1, version: int = 1
) -> bytes:
    """Return what comes next, by whoever signs it."""
    stands = here.far.replica.position()
    _, raw = spell(record(mint(), token=BASE + 900))
    return sealed(
        signer,
        Page(
            nonce,
            epoch,
            stands,
            stands + 1,
            at=0,
            leased=True,
            prefix="cf",
            events=((stands + 1, (version, raw)),),
        ),
    )


def test_who_signs_and_for_whom_is_looked_at(here: House) -> None:
    """A stranger's page, and an answer to somebody's question, move nothing (R7)."""
    stands = here.far.replica.position()
    here.bus.bring(page(STRANGER, here), page(OFFICE, here, nonce="0" * 32), b"", b"\0" * 64)
    here.hear()
    assert here.far.replica.position() == stands
    assert here.far.heard(Found.FORGED) == 4


def test_what_it_cannot_read_it_does_not_skip(here: House) -> None:
    """A page of a newer version leaves the gate where it stands, and has it ask (R3, R17)."""
    stands = here.far.replica.position()
    here.bus.bring(page(OFFICE, here, version=99))
    assert here.hear()
    assert here.far.replica.position() == stands


def test_another_life_is_asked_for(here: House) -> None:
    """A page of an older life is old, and one of a newer life is no news of this one (R3, R12)."""
    stands = here.far.replica.position()
    here.bus.bring(page(OFFICE, here, epoch=0), page(OFFICE, here, epoch=7))
    here.hear()
    assert here.far.replica.position() == stands
    assert (here.far.heard(Found.OLD), here.far.heard(Found.UNFIT)) == (1, 1)


def test_a_page_to_all_answers_no_question(here: House) -> None:
    """Who puts a page that was told to all in the place of an answer is not believed (R3, R7)."""
    (told,) = here.told(mint())
    here.far.wire.meddle = lambda _frame: told
    with pytest.raises(ForgedError):
        here.far.turn()


def test_a_bus_that_is_late_is_not_waited_for(here: House) -> None:
    """Where the office tells first, questions wait there, until the bus is as good again (R7)."""
    asked = here.far.wire.asked
    (first,) = here.told(mint())
    here.far.turn()
    assert asked[-1].within_ms == LONGEST_MS
    here.bus.bring(first)
    here.far.turn()
    assert asked[-1].within_ms == 0
    (lost,) = here.told(mint())
    here.far.turn()
    here.far.turn()
    assert asked[-1].within_ms == LONGEST_MS
    here.bus.bring(lost)
    here.far.turn()
    assert asked[-1].within_ms == 0


def test_a_flood_is_bounded(here: House) -> None:
    """More than a gate can hear is lost, and the gate knows it all the same (R7, R18)."""
    token = mint()
    here.bus.bring(*([b"noise"] * 5_000))
    (told,) = here.told(token)
    here.bus.bring(told)
    here.far.level()
    assert here.far.heard(Found.FORGED) == 1_000
    assert here.knows(token)


def test_a_flood_of_long_frames_is_bounded() -> None:
    """What waits is 16 MiB at most, and nothing that no office tells in one piece (R7, R18)."""
    inbox = Inbox()
    inbox.hear(bytes(LONGEST_BYTES + 1))
    assert inbox.next(0) is None
    for _ in range(2):
        for _ in range(100):
            inbox.hear(bytes(1 << 20))
        heard = 0
        while inbox.next(0) is not None:
            heard += 1
        assert heard == WAITING_BYTES >> 20


def test_a_flood_ends_in_a_question(here: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much came, a gate asks soon, for its lease is renewed by that alone (R1, R7)."""
    inbox, seconds = here.bus.inbox, here.far.seconds

    def slowly(within_s: float) -> bytes | None:
        del within_s
        seconds.pass_(0.01)
        return Inbox.next(inbox, 0)

    monkeypatch.setattr(inbox, "next", slowly)
    here.bus.bring(*([b"noise"] * 500))
    before = seconds.now
    assert here.hear()
    assert seconds.now - before == pytest.approx(DRAIN_S)


def test_what_was_told_to_somebody_else_is_no_reason(here: House) -> None:
    """A genuine answer of another kind, to another gate, is as good as forged (R3, R7)."""
    nonce = "0" * 32
    here.bus.bring(
        sealed(OFFICE, Receipt(nonce, "", 0, "")),
        sealed(OFFICE, Piece(nonce, 1, 0, 0, last=True)),
        sealed(OFFICE, Piece(TO_ALL, 1, 0, 0, last=True)),
    )
    here.hear()
    assert (here.far.heard(Found.FORGED), here.far.heard(Found.UNFIT)) == (3, 0)


def test_what_does_not_fit_is_asked_for_every_so_often(
    here: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who brings a page again and again that fits nowhere has a gate ask 20 times a second (R7)."""
    here.bus.bring(*here.told(mint()))
    here.hear()
    seconds, unfit, asked = here.far.seconds, page(OFFICE, here, epoch=7), 0

    def again(within_s: float) -> bytes | None:
        seconds.pass_(min(0.01, max(within_s, 0)))
        return unfit if within_s > 0 else None

    monkeypatch.setattr(here.bus.inbox, "next", again)
    end, news = seconds.now + 1, here.far.news
    assert news is not None
    while seconds.now < end:
        assert news.wait(LONGEST_MS / 1000)
        asked += 1
    assert 15 <= asked <= 1 / UNFIT_S + 1


FATE = st.one_of(
    st.just(("commit", 0)),
    st.just(("revoke", 0)),
    st.just(("ask", 0)),
    st.just(("be cut off", 0)),
    st.tuples(st.just("bring"), st.integers(0, 40)),
    st.tuples(st.just("forge"), st.integers(0, 40)),
)


@given(fates=st.lists(FATE, max_size=30))
def test_it_only_ever_moves_on(
    tmp_path_factory: pytest.TempPathFactory, fates: list[tuple[str, int]]
) -> None:
    """However pages are lost, doubled, forged and disordered, a gate stands where the office stood.

    What was revoked before the position at which it stands, it does not know. When it can ask
    again, it knows what the office knows (R3, R7).
    """
    folder = tmp_path_factory.mktemp("fates")
    with (
        empty_database(f"sqlite:///{folder / 'office.sqlite'}") as database,
        house(database, folder) as it,
    ):
        there, tokens, revoked = it.far, [mint()], {}
        at = there.replica.position()
        for fate, which in [*fates, ("ask", 0)]:
            told = it.bus.told
            if fate == "commit":
                tokens.append(mint())
                there.commit(record(tokens[-1]))
            elif fate == "revoke":
                gone = TokenStruck(
                    organization=BASE + 1, token=BASE + 101, digests=(digest(tokens[-1]),)
                )
                revoked[tokens[-1]] = there.commit(gone)
            elif fate == "bring" and told:
                it.bus.bring(told[which % len(told)])
                it.hear()
            elif fate == "forge" and told:
                it.bus.bring(told[which % len(told)][:-1] + b" ")
                it.hear()
            elif fate in {"ask", "be cut off"}:
                there.wire.meddle = (lambda frame: frame) if fate == "ask" else (lambda _frame: b"")
                with suppress(ForgedError):
                    there.turn()
            assert there.replica.position() >= at
            at = there.replica.position()
            assert not [one for one, when in revoked.items() if when <= at and it.knows(one)]
        assert at == there.head()

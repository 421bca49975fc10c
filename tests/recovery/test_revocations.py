"""The journal of revocations: on the disk before an answer, and told from a damaged one."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.feed.event import AnyEvent, NodePlaced, TokenStruck
from counterfoil.feed.journal import segments
from counterfoil.feed.retold import tail
from counterfoil.feed.revocations import MOST, Revocations
from counterfoil.runtime.chain import JournalError
from support.gate import ACME, BASE, ListFeed, mint, record
from support.killing import killed_at

COPY_AT = 3


def struck(token: int) -> AnyEvent:
    return TokenStruck(organization=ACME, token=BASE + token, digests=(bytes(32),))


def feed(events: int) -> ListFeed:
    return ListFeed([struck(number) for number in range(events)])


def began(folder: Path, *, segment: int = 1 << 20) -> Revocations:
    """A journal that began before anything was told."""
    journal = Revocations(folder, segment=segment)
    journal.catch_up(ListFeed())
    return journal


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journal")
    journal = began(folder)
    journal.catch_up(feed(7))
    journal.close()
    return folder


def copy_of(folder: Path, to: Path, raw: bytes) -> Path:
    to.mkdir(exist_ok=True)
    (to / segments(folder)[0].name).write_bytes(raw)
    return to


def test_round_trip(written: Path) -> None:
    """What came after the copy is told again, in order, and nothing of what it knows (R12)."""
    found = tail([written], COPY_AT)
    assert found.events == [struck(number) for number in range(COPY_AT, 7)]
    assert found.position == 7


@given(at=st.integers(min_value=0), flip=st.integers(1, 255))
def test_changed(
    written: Path, tmp_path_factory: pytest.TempPathFactory, at: int, flip: int
) -> None:
    """Whichever byte is changed, it is refused: nothing that was revoked is left out (R12)."""
    raw = bytearray(segments(written)[0].read_bytes())
    at %= len(raw)
    raw[at] ^= flip
    changed = copy_of(written, tmp_path_factory.getbasetemp() / "changed", bytes(raw))
    try:
        found = tail([changed], COPY_AT)
    except JournalError:
        return
    # Of the last line alone the end may be what was changed: then it reads as one that was cut.
    assert at == len(raw) - 1
    assert found.events == [struck(number) for number in range(COPY_AT, 6)]


@pytest.mark.parametrize("line", [2, 4, 6])
def test_a_line_taken_out(written: Path, tmp_path: Path, line: int) -> None:
    """A line that is taken out, or put in twice, breaks the chain (R12)."""
    kept = segments(written)[0].read_bytes().splitlines(keepends=True)
    for made in (kept[:line] + kept[line + 1 :], [*kept[:line], kept[line], *kept[line:]]):
        with pytest.raises(JournalError, match="changed or damaged"):
            tail([copy_of(written, tmp_path, b"".join(made))], COPY_AT)


def test_cut_short_at_its_end(written: Path, tmp_path: Path) -> None:
    """A last line that was cut short was never answered for: it is left out, and written again."""
    raw = segments(written)[0].read_bytes()
    cut = copy_of(written, tmp_path, raw[:-9])
    assert tail([cut], COPY_AT).position == 6
    journal = Revocations(tmp_path)
    journal.catch_up(feed(7))
    journal.close()
    assert tail([cut], COPY_AT).events == tail([written], COPY_AT).events


def test_begins_too_late(tmp_path: Path) -> None:
    """A journal that began after the copy was made, or ends before it, is refused by saying so."""
    journal = Revocations(tmp_path)
    journal.catch_up(feed(5))
    journal.catch_up(feed(6))
    journal.close()
    assert len(tail([tmp_path], 5).events) == 1
    with pytest.raises(JournalError, match="begins after position 5"):
        tail([tmp_path], 4)
    with pytest.raises(JournalError, match="before the copy"):
        tail([tmp_path], 7)
    with pytest.raises(JournalError, match="no journal"):
        tail([tmp_path / "elsewhere"], 7)


def test_it_is_bounded(tmp_path: Path) -> None:
    """Segments follow each other, and the oldest go: a copy from before them is told too little."""
    journal = began(tmp_path, segment=1)
    for number in range(1, MOST + 10):
        journal.catch_up(feed(number))
    journal.close()
    assert len(segments(tmp_path)) == MOST
    assert tail([tmp_path], MOST + 5).events == [struck(MOST + n) for n in range(5, 9)]
    with pytest.raises(JournalError, match="begins after"):
        tail([tmp_path], 2)
    segments(tmp_path)[30].unlink()
    with pytest.raises(JournalError, match="does not go on"):
        tail([tmp_path], MOST + 5)


def test_two_processes(tmp_path: Path) -> None:
    """Processes of a host write one journal, each on from where the other has ended (R12)."""
    one, other = began(tmp_path), Revocations(tmp_path)
    for number in range(1, 9):
        (one if number % 2 else other).catch_up(feed(number), number)
    assert one.catch_up(feed(8), 8) == 8
    one.close()
    other.close()
    assert tail([tmp_path], 0).events == [struck(number) for number in range(8)]


def test_who_signs_in_is_not_told_of(tmp_path: Path) -> None:
    """Sessions are not written, for a restore ends them all; a mark says that nothing was left."""
    journal = began(tmp_path)
    sessions = ListFeed([record(mint(), token=9), TokenStruck(token=9, digests=(bytes(32),))])
    sessions.events[0] = record("cfo" + mint()[3:])
    size = segments(tmp_path)[0].stat().st_size
    journal.catch_up(sessions)
    assert segments(tmp_path)[0].stat().st_size == size
    journal.mark()
    journal.mark()
    journal.close()
    found = tail([tmp_path], 0)
    assert (found.events, found.position) == ([], 2)


def test_of_several_hosts(tmp_path: Path) -> None:
    """Of the journals of several hosts the one counts that was told the most (R12)."""
    for name, events in (("one", 3), ("two", 6)):
        journal = began(tmp_path / name)
        journal.catch_up(feed(events))
        journal.close()
    assert tail([tmp_path / "one", tmp_path / "two"], 1).position == 6


def test_killed(tmp_path: Path) -> None:
    """Killed at any step, what was answered for is there, and the journal goes on (R4, R12)."""
    told = tmp_path / "told"
    folder = tmp_path / "journal"

    def act() -> None:
        journal = Revocations(folder, segment=1)
        journal.catch_up(ListFeed())
        for number in range(1, 4):
            journal.catch_up(feed(number))
            file = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(file, str(number).encode())
            os.close(file)

    step = 1
    while killed_at(step, act, tmp_path):
        answered = int(told.read_text() or 0) if told.exists() else 0
        if answered:
            assert tail([folder], 0).events[:answered] == [struck(n) for n in range(answered)]
        for left in (*folder.glob("*"), told):
            left.unlink(missing_ok=True)
        step += 1
    assert step > 10


def test_a_full_disk(tmp_path: Path) -> None:
    """What cannot be written is an error, and the journal is as it was before."""
    journal = began(tmp_path)
    journal.catch_up(feed(1))
    path = segments(tmp_path)[0]
    before = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 40, hard))
    try:
        with pytest.raises((OSError, JournalError)):
            journal.catch_up(feed(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == before
    journal.catch_up(ListFeed([struck(0), NodePlaced(organization=ACME, node=BASE, parent=None)]))
    journal.close()
    assert len(tail([tmp_path], 0).events) == 2

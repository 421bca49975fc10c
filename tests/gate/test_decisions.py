"""The journal of decisions: whole batches, in order, however its writers end."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from counterfoil.gate.record.decided import counted, counts_in
from counterfoil.gate.record.journal import FullError, Mark, segments
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.record.usage import Count, Outcome, Use
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.chain import JournalError
from support.decisions import folder_in, journal_in, named, rows, told
from support.office import ACME

SPAWN = multiprocessing.get_context("spawn")


def newest(home: Path) -> Path:
    return segments(folder_in(home))[-1]


def test_what_was_written_is_read_in_its_order(tmp_path: Path) -> None:
    """Batches of two writers come out one after the other, over as many segments as they fill."""
    one, other = journal_in(tmp_path, segment=700), journal_in(tmp_path, segment=700)
    assert told(tmp_path) == []
    for number in range(0, 20, 2):
        one.append(rows(number))
        other.append(rows(number + 1))
    assert named(told(tmp_path)) == [str(number) for number in range(20)]
    assert len(segments(folder_in(tmp_path))) > 3


def test_counts_come_out_as_they_went_in(tmp_path: Path) -> None:
    """How often a token came is told by its id, or by the digest of what it was refused with."""
    counts = {
        Use((ACME, TokenId(7)), None, Outcome.ALLOWED, "curl/8", "192.0.2.0/24"): Count(3, 2.5, 1),
        Use(b"d" * 32, None, Outcome.EXPIRED, "other", "other"): Count(1, 4.0, 4.0),
    }
    journal_in(tmp_path).append((), counted(counts))
    shipping = Shipping(folder_in(tmp_path))
    [(batch, _, _)] = shipping.after(Mark(shipping.journal() or ""), 10)
    assert counts_in(batch.counts) == counts


@pytest.mark.parametrize("kept", range(1, 200, 9))
def test_a_line_that_was_cut_short_was_never_written(tmp_path: Path, kept: int) -> None:
    """Whatever of its last line a killed writer got out, nobody reads it, and the next goes on."""
    journal_in(tmp_path).append(rows("first"))
    size = newest(tmp_path).stat().st_size
    journal_in(tmp_path).append(rows("lost"))
    os.truncate(newest(tmp_path), size + kept)
    assert named(told(tmp_path)) == ["first"]
    journal_in(tmp_path).append(rows("second"))
    assert named(told(tmp_path)) == ["first", "second"]


def test_a_writer_that_died_amid_a_new_segment_is_followed(tmp_path: Path) -> None:
    """A segment that was begun and never opened goes, and the one before it is gone on with."""
    journal_in(tmp_path).append(rows("first"))
    (folder_in(tmp_path) / "00000002.decisions").touch()
    assert named(told(tmp_path)) == ["first"]
    journal_in(tmp_path).append(rows("second"))
    assert named(told(tmp_path)) == ["first", "second"]


def test_a_line_that_was_changed_stops_everybody(tmp_path: Path) -> None:
    """Nothing is read past a line that somebody changed, and nothing is written after it (R3)."""
    for name in ("first", "second", "third"):
        journal_in(tmp_path).append(rows(name))
    path = newest(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"second"', b'"twofold"'))
    with pytest.raises(JournalError, match="after batch 1"):
        told(tmp_path)
    with pytest.raises(JournalError, match="after batch 1"):
        journal_in(tmp_path).append(rows("fourth"))


def test_a_full_journal_takes_nothing_in(tmp_path: Path) -> None:
    """Beyond its bound it refuses, whole; when the office has taken some, it goes on (R16)."""
    journal = journal_in(tmp_path, segment=500, most=3_000)

    def fill() -> None:
        for number in range(100):
            journal.append(rows(number))

    with pytest.raises(FullError):
        fill()
    there = named(told(tmp_path))
    assert 3 < len(there) < 20
    shipping = Shipping(folder_in(tmp_path))
    shipped = shipping.after(Mark(shipping.journal() or ""), 1_000)
    shipped += shipping.after(shipped[-1].after, 1_000)
    shipping.forget(shipped[-1].after)
    journal.append(rows("room again"))
    assert named(told(tmp_path, shipped[-1].after))[-1] == "room again"


@contextmanager
def disk_full_at(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as a disk that is full lets none."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)


@pytest.mark.parametrize("room", [0, 1, 50, 150])
def test_what_finds_half_its_room_finds_none(tmp_path: Path, room: int) -> None:
    """A batch for which the disk has not room enough is not there at all, and is so later (R11)."""
    journal = journal_in(tmp_path)
    journal.append(rows("first"))
    with (
        disk_full_at(newest(tmp_path).stat().st_size + room),
        pytest.raises((OSError, JournalError)),
    ):
        journal.append(rows("second"))
    assert named(told(tmp_path)) == ["first"]
    journal.append(rows("second"))
    assert named(told(tmp_path)) == ["first", "second"]


def test_what_the_office_has_is_taken_away(tmp_path: Path) -> None:
    """Segments go when all that is in them is known, and never what comes after (R16)."""
    journal = journal_in(tmp_path, segment=500)
    for number in range(12):
        journal.append(rows(number))
    shipping = Shipping(folder_in(tmp_path))
    first = shipping.after(Mark(shipping.journal() or ""), 5)
    known = first[-1].after
    before = len(segments(folder_in(tmp_path)))
    shipping.forget(known)
    assert len(segments(folder_in(tmp_path))) < before
    rest = named(told(tmp_path, known))
    assert [row.request_id for one in first for row in one.batch.rows] + rest == [
        str(number) for number in range(12)
    ]


def test_a_journal_that_is_not_the_one_that_is_known_is_not_read(tmp_path: Path) -> None:
    """Where batches are other ones than the office has, nothing is skipped in silence (R3)."""
    journal = journal_in(tmp_path)
    for name in ("first", "second"):
        journal.append(rows(name))
    shipping = Shipping(folder_in(tmp_path))
    name = shipping.journal() or ""
    for known, why in ((Mark(name, 1, "0" * 32), "is not the one"), (Mark(name, 9, ""), "ends")):
        with pytest.raises(JournalError, match=why):
            shipping.after(known, 10)


def test_an_office_that_was_put_back_takes_in_what_is_there(tmp_path: Path) -> None:
    """An office that knows less than was taken away begins with the first that there is."""
    journal = journal_in(tmp_path, segment=500)
    for number in range(12):
        journal.append(rows(number))
    shipping = Shipping(folder_in(tmp_path))
    some = shipping.after(Mark(shipping.journal() or ""), 8)
    shipping.forget(some[-1].after)
    [found] = [named(told(tmp_path, some[0].after))]
    assert found
    assert found == [str(number) for number in range(12)][-len(found) :]


def write_for_ever(home: Path, who: int) -> None:
    journal = journal_in(home, segment=20_000)
    number = 0
    while True:
        journal.append(rows(f"{who}:{number}", f"{who}:{number + 1}"))
        number += 2
        with (home / f"acknowledged-{who}").open("a") as file:
            file.write(f"{number}\n")


def test_killed_writers_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Of two processes that are killed at any moment all is there that they were told is (X2, R4).

    Each one's rows stand in its order, and each of them once.
    """
    found: list[str] = []
    for _ in range(3):
        writers = [SPAWN.Process(target=write_for_ever, args=(tmp_path, who)) for who in (1, 2)]
        for writer in writers:
            writer.start()
        sizes = [tmp_path / f"acknowledged-{who}" for who in (1, 2)]
        end = [len(one.read_text().splitlines()) + 20 if one.exists() else 20 for one in sizes]
        while not all(
            one.exists() and len(one.read_text().splitlines()) >= least
            for one, least in zip(sizes, end, strict=True)
        ):
            writers[0].join(0.01)
        for writer in writers:
            writer.kill()
            writer.join()
        found = named(told(tmp_path))
        assert found
    for who in (1, 2):
        mine = [one for one in found if one.startswith(f"{who}:")]
        runs = mine.count(f"{who}:0")
        assert runs == 3
        written = (tmp_path / f"acknowledged-{who}").read_text().splitlines()
        expected = sum(2 for _ in written)
        assert expected <= len(mine) <= expected + 2 * runs
        numbers = [int(one.partition(":")[2]) for one in mine]
        assert all(after in {before + 1, 0} for before, after in pairwise(numbers))

"""The disk that a power cut is tried on forgets: else what survives it would prove nothing."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from chaos.power.disk import File, Folder, image


def a_disk() -> tuple[Folder, File]:
    file = File()
    file.write(b"before", 0)
    file.sync()
    root = Folder({"a": file})
    root.sync()
    return root, file


def test_what_was_not_waited_for_is_lost() -> None:
    """A write after the last sync of its file is not there after a cut."""
    root, file = a_disk()
    file.write(b"behind", 0)
    assert image(root).files["a"][1] == b"before"
    file.sync()
    assert image(root).files["a"][1] == b"behind"


def test_a_name_is_lost_without_its_folder() -> None:
    """A file that was synced is not found after a cut, if its folder was not; an old name is."""
    root, file = a_disk()
    root.now = {"b": file}
    assert list(image(root).files) == ["a"]
    root.sync()
    assert list(image(root).files) == ["b"]


def test_a_folder_is_lost_with_all_below() -> None:
    """What stands in a folder whose own name was not waited for is gone with it."""
    root, file = a_disk()
    below = Folder({"a": file})
    below.sync()
    root.now["below"] = below
    assert set(image(root).folders) == {""}
    root.sync()
    assert set(image(root).files) == {"a", "below/a"}


@given(st.lists(st.tuples(st.integers(0, 9_000), st.binary(max_size=9_000))), st.integers())
def test_by_dice_some_of_it_is_left(writes: list[tuple[int, bytes]], seed: int) -> None:
    """By dice each page of a write is there or not; nothing is there that nobody wrote."""
    root, file = a_disk()
    for offset, data in writes:
        file.write(data, offset)
    left = image(root, random.Random(seed)).files["a"][1]
    assert len(left) <= len(file.now)
    for at, byte in enumerate(left):
        could = {b"before"[at] if at < 6 else 0}
        could |= {data[at - offset] for offset, data in writes if 0 <= at - offset < len(data)}
        assert byte in could


@given(st.lists(st.tuples(st.integers(0, 300), st.binary(max_size=50))), st.integers(0, 400))
def test_it_reads_as_any_disk_does(writes: list[tuple[int, bytes]], length: int) -> None:
    """While the power is on, a file holds what was written, as a file of the system does."""
    file, real = File(), bytearray()
    for offset, data in writes:
        file.write(data, offset)
        real.extend(bytes(max(0, offset + len(data) - len(real)) if data else 0))
        real[offset : offset + len(data)] = data
    file.truncate(length)
    real = real[:length] + bytes(max(0, length - len(real)))
    assert file.now == real

"""What is about to be committed, as it was added."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.scan.git import HistoryError
from counterfoil.scan.staged import tokens_staged
from scan.test_scan_history import Repository, minted


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def found_in(repository: Repository) -> list[tuple[str, str]]:
    return [(path, one.hint[-4:]) for path, one in tokens_staged(repository.path)]


def put(repository: Repository, name: str, text: str) -> None:
    path = repository.path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_a_file_that_was_cleaned_after_it_was_added(repository: Repository) -> None:
    """What is staged is found, also in a first commit, and though the file is clean now (G12c)."""
    put(repository, "a b/ü.env", f"TOKEN={minted(1)}")
    repository("add", "-A")
    put(repository, "a b/ü.env", "TOKEN=")
    assert found_in(repository) == [("a b/ü.env", minted(1)[-4:])]


def test_what_is_not_committed_is_not_looked_at(repository: Repository) -> None:
    """What is only in the folder, was committed before, or is removed now, is left alone (G12c)."""
    repository.commit("one", old=minted(2), going=minted(3))
    put(repository, "new", minted(4))
    repository("rm", "-q", "going")
    assert found_in(repository) == []


def test_asked_for_in_a_folder(repository: Repository) -> None:
    """Called in a folder with `diff.relative` set, it looks at all that is staged (G12c)."""
    put(repository, "below/clean", "")
    put(repository, "above", minted(5))
    repository("add", "-A")
    repository("config", "diff.relative", "true")
    said = [(path, one.hint[-4:]) for path, one in tokens_staged(repository.path / "below")]
    assert said == [("above", minted(5)[-4:])]


def test_two_files_that_are_alike(repository: Repository) -> None:
    """The same bytes under two paths are named by both (G12c)."""
    for name in ("a", "b"):
        put(repository, name, minted(5))
    repository("add", "-A")
    assert [path for path, _ in found_in(repository)] == ["a", "b"]


def test_a_repository_of_its_own_below(repository: Repository) -> None:
    """A submodule's commit is no object of this repository, and stops nothing (G12c)."""
    put(repository, "below/x", "")
    Repository(repository.path / "below").commit("one", x="clean")
    put(repository, "a", minted(6))
    repository("add", "-A")
    assert [path for path, _ in found_in(repository)] == ["a"]


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is none that is said, and is not an empty result (G12c)."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(HistoryError, match="not a git repository"):
        list(tokens_staged(tmp_path))

"""What a git repository has kept: on every branch, and on none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from counterfoil.scan.git import HistoryError
from counterfoil.scan.history import paths_of, tokens_in_history
from counterfoil.secret import Kind, Secret

GIT = str(which("git"))


def minted(seed: int) -> str:
    return Secret.mint(Kind.PERSONAL, lambda length: bytes([seed] * length)).reveal()


class Repository:
    """A repository of a test's own, which no configuration of the machine reaches."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self("init", "-q", "-b", "main")

    def __call__(self, *arguments: str) -> str:
        ran = subprocess.run(
            [GIT, "-C", self.path, "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments],
            capture_output=True,
            check=True,
            text=True,
        )
        return ran.stdout.strip()

    def commit(self, message: str, **files: str) -> None:
        for name, text in files.items():
            (self.path / name).write_text(text)
        self("add", "-A")
        self("commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def hints(repository: Repository) -> set[str]:
    return {one.found.hint[-4:] for one in tokens_in_history(repository.path)}


def test_what_was_removed_is_still_there(repository: Repository) -> None:
    """A token that a later commit removes, on any branch, is found with the path it had (G12c)."""
    repository.commit("one", settings=f"a\nTOKEN={minted(1)}\n")
    repository.commit("two", settings="")
    repository("checkout", "-q", "-b", "side", "HEAD~1")
    repository.commit("three", other=f"x {minted(2)} y")
    kept = list(tokens_in_history(repository.path))
    paths = paths_of(repository.path, [one.object for one in kept])
    assert {(paths[one.object], one.found.hint[-4:], one.found.line) for one in kept} == {
        ("settings", minted(1)[-4:], 2),
        ("other", minted(2)[-4:], 1),
    }


def test_what_was_amended_away_is_found(repository: Repository) -> None:
    """An amended commit, a dropped stash and a reset leave objects, and their tokens (G12c)."""
    repository.commit("one", a=minted(3))
    repository("commit", "-q", "--amend", "--allow-empty", "-m", "clean")
    (repository.path / "a").write_text(minted(4))
    repository("stash")
    repository("stash", "drop", "-q")
    assert {minted(3)[-4:], minted(4)[-4:]} <= hints(repository)


def test_messages_are_read_too(repository: Repository) -> None:
    """A token in the message of a commit or of a tag is found (G12c)."""
    repository.commit(f"use {minted(5)}")
    repository("tag", "-a", "v1", "-m", f"with {minted(6)}")
    assert {(one.type, one.found.hint[-4:]) for one in tokens_in_history(repository.path)} == {
        ("commit", minted(5)[-4:]),
        ("tag", minted(6)[-4:]),
    }


def test_binary_and_empty_objects(repository: Repository) -> None:
    """Objects of any size and content are read to their end, and no further (G12c)."""
    big = "x\n" * 700_000
    repository.commit("one", empty="", big=big + minted(7), odd="\0" * 10 + minted(8) + "\0")
    assert hints(repository) == {minted(7)[-4:], minted(8)[-4:]}


def test_a_packed_repository(repository: Repository) -> None:
    """What is packed is read as what is loose (G12c)."""
    repository.commit("one", a=minted(9))
    repository.commit("two", a="")
    repository("gc", "-q", "--aggressive")
    assert hints(repository) == {minted(9)[-4:]}


def test_no_repository_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no history, or no git, that is said, and is not an empty result (G12c)."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(HistoryError, match="not a git repository"):
        list(tokens_in_history(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(HistoryError, match="git cannot be run"):
        list(tokens_in_history(tmp_path))


def damage(repository: Repository, *names: str) -> None:
    """Write something else over loose objects."""
    for name in names:
        file = repository.path / ".git" / "objects" / name[:2] / name[2:]
        file.chmod(0o644)
        file.write_bytes(b"garbage")


def test_damaged_objects_hide_no_others(repository: Repository) -> None:
    """What git cannot read is told, however much it is, and all else is read (G12c)."""
    many = {f"f{number}": f"{number}" for number in range(700)}
    repository.commit("one", a=minted(10), **many)
    bad = repository("ls-files", "-s", *many).split()[1::4]
    damage(repository, *bad)
    missed: list[str] = []
    found = [one.found.hint[-4:] for one in tokens_in_history(repository.path, missed.append)]
    assert found == [minted(10)[-4:]]
    assert sorted(missed) == sorted(bad)
    with pytest.raises(HistoryError, match="is damaged"):
        list(tokens_in_history(repository.path))

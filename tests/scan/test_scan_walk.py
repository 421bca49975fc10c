"""Which files are read, and what stands in the way."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from counterfoil.scan.walk import files_below, reading


def names(path: Path, *exclude: str) -> list[str]:
    return [file.relative_to(path).as_posix() for file in files_below(path, exclude)]


def test_regular_files_are_read_and_nothing_else(tmp_path: Path) -> None:
    """Files below a directory are met once, in order; links, pipes and sockets are not (G12c)."""
    (tmp_path / "b").mkdir()
    for name in ("b/two", "a", ".env", "b/.hidden"):
        (tmp_path / name).write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert names(tmp_path) == [".env", "a", "b/.hidden", "b/two"]


def test_what_git_keeps_compressed_is_left_to_the_history(tmp_path: Path) -> None:
    """The configuration of a repository is read, for tokens hide in addresses; its pack is not."""
    (tmp_path / ".git" / "objects" / "ab").mkdir(parents=True)
    (tmp_path / ".git" / "objects" / "ab" / "cd").write_text("x")
    (tmp_path / ".git" / "config").write_text("x")
    assert names(tmp_path) == [".git/config"]


def test_what_is_excluded(tmp_path: Path) -> None:
    """Patterns leave out files and whole directories, by name or by path (G12c)."""
    for name in ("src/a.py", "src/a.json", "node_modules/x/y.py", "docs/deep/z.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(tmp_path, "*.json", "node_modules", "docs/deep") == ["src/a.py"]


def test_a_named_link_is_followed(tmp_path: Path) -> None:
    """Whoever names a link means what it leads to, be it a file or a directory (G12c)."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert [file.name for file in files_below(tmp_path / "link")] == ["file"]
    (tmp_path / "one").symlink_to("real/file")
    assert list(files_below(tmp_path / "one")) == [tmp_path / "one"]


def test_what_is_not_there_fails(tmp_path: Path) -> None:
    """A path that names nothing is a failure and no empty result (G12c)."""
    with pytest.raises(FileNotFoundError):
        list(files_below(tmp_path / "nowhere"))


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe without a writer is refused, and waited for by nobody (G12c)."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"), reading(tmp_path / "pipe"):
        pass
    with pytest.raises(OSError, match="no regular file"), reading(Path("/dev/zero")):
        pass

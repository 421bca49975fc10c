"""What is about to be committed: the files as they were added, whatever they have become since."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from counterfoil.scan.find import Found, tokens_in
from counterfoil.scan.git import git, objects

_STAGED: Final = ("diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative")
"""All of it, wherever in the repository it is asked for, and whatever `diff.relative` says."""
_BLOB: Final = "blob"


def tokens_staged(repository: Path) -> Iterator[tuple[str, Found]]:
    """Yield the tokens in what a repository has staged, each with the path it will have.

    Raises:
        HistoryError: if this is no repository, if git is not there, or what it keeps is damaged.
    """
    paths = _staged(repository)
    with TemporaryFile() as wanted:
        wanted.writelines(name.encode() + b"\n" for name in paths)
        wanted.seek(0)
        with git(repository, "cat-file", "--batch", wanted=wanted) as out:
            for name, type_, body in objects(out):
                found = list(tokens_in(body)) if type_ == _BLOB else []
                yield from ((path, one) for path in paths[name] for one in found)


def _staged(repository: Path) -> dict[str, list[str]]:
    """Return the objects of staged files, with their paths; a submodule keeps its own."""
    paths = defaultdict[str, list[str]](list)
    with git(repository, "rev-parse", "--git-dir") as out:  # outside of any, `diff` is another tool
        out.read()
    with git(repository, *_STAGED, "--diff-filter=d", "--ignore-submodules") as out:
        said = out.read().split(b"\0")
    for facts, path in zip(said[::2], said[1::2], strict=False):
        paths[facts.split()[3].decode()].append(os.fsdecode(path))
    return dict(paths)

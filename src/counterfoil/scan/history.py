"""All that a git repository has ever kept: also what was amended away, or is on no branch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.headway import Stage, Tell, nobody, told
from counterfoil.scan.find import Found, tokens_in
from counterfoil.scan.git import Miss, git, objects

_TREE: Final = "tree"
_READING: Final = Stage("Reading the history")


@dataclass(frozen=True, slots=True)
class Kept:
    """A token in an object of the repository: a file, or the message of a commit or a tag."""

    object: str
    type: str
    found: Found


def tokens_in_history(
    repository: Path, miss: Miss | None = None, tell: Tell = nobody
) -> Iterator[Kept]:
    """Yield the tokens in every object of a repository.

    Args:
        repository: where it is.
        miss: is told of each object that is damaged; by default that fails.
        tell: is told how many objects were read.

    Raises:
        HistoryError: if this is no repository, or git is not there.
    """
    with git(repository, "cat-file", "--batch-all-objects", "--batch", "--unordered") as out:
        for name, type_, body in told(objects(out, miss), tell, _READING):
            if type_ != _TREE:
                for found in tokens_in(body):
                    yield Kept(name, type_, found)


def paths_of(repository: Path, objects: Iterable[str]) -> Mapping[str, str]:
    """Return under which path each object is, or was last seen; those on no branch have none.

    Raises:
        HistoryError: as `tokens_in_history`.
    """
    wanted, paths = set(objects), dict[str, str]()
    with git(repository, "rev-list", "--objects", "--all", "--reflog") as out:
        for line in out:
            name, _, path = line.rstrip(b"\n").partition(b" ")
            if path and name.decode() in wanted:
                paths.setdefault(name.decode(), os.fsdecode(path))
    return paths

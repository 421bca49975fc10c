"""The sample in a data directory: made there once, found there again.

Beside the database lies `sample.json`, which says which ids are whose and holds no secret. Whoever
comes back gets new passwords.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from counterfoil.demo.content import count
from counterfoil.demo.place import MARK, is_sample
from counterfoil.demo.seed import PEOPLE, Seeder, drawing_passwords, email_of, seed
from counterfoil.demo.story import Cast
from counterfoil.demo.told import Sample
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.migrations import migrate
from counterfoil.runtime.settings import PREFIX, Settings, load

_KEPT: Final = ("organization", "roles", "nodes", "content_types")


@dataclass(frozen=True, slots=True)
class Ready:
    """A sample that can be served and walked through; `entry` lets its admin in once."""

    name: str
    entry: str = field(repr=False)
    count: int
    cast: Cast = field(repr=False)
    roles: Mapping[str, str]


def begin(data_dir: Path) -> Sample:
    """Make a sample in an empty directory; if that fails the directory is empty again."""
    data_dir = data_dir.absolute()
    try:
        sample = seed(_settings(data_dir))
        users = {name: one.id for (name, _), one in zip(PEOPLE, sample.people, strict=True)}
        kept = {key: getattr(sample, key) for key in _KEPT}
        (data_dir / MARK).write_text(json.dumps({**kept, "users": users}, indent=2))
    except BaseException:
        with suppress(OSError):
            for left in data_dir.iterdir():
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        raise
    return sample


def _settings(data_dir: Path) -> Settings:
    """Return how a sample is set: of the environment it heeds how tokens begin, and no more."""
    said = os.environ.get(f"{PREFIX}PREFIX", "")
    return load({f"{PREFIX}DATA_DIR": str(data_dir), f"{PREFIX}PREFIX": said})


def prepare(data_dir: Path) -> Ready:
    """Make the sample, or find it and put its people back where they were."""
    if is_sample(data_dir):
        kept = json.loads((data_dir / MARK).read_text())
        passwords = _again(data_dir, kept)
    else:
        people = begin(data_dir).people
        kept = json.loads((data_dir / MARK).read_text())
        passwords = {name: one.password for (name, _), one in zip(PEOPLE, people, strict=True)}
    return _ready(kept, passwords, _entry(data_dir, kept))


def _entry(data_dir: Path, kept: Mapping[str, Any]) -> str:
    """Return what lets the admin in once."""
    (admin, _), *_ = PEOPLE
    with closing(Seeder(_settings(data_dir))) as seeder:
        return seeder.entry(
            OrganizationId(int(kept["organization"]["id"])), UserId(int(kept["users"][admin]))
        )


def _again(data_dir: Path, kept: Mapping[str, Any]) -> dict[str, str]:
    settings = _settings(data_dir)
    organization = OrganizationId(int(kept["organization"]["id"]))
    users = [UserId(int(kept["users"][name])) for name, _ in PEOPLE]
    roles = [RoleId(int(kept["roles"][role])) for _, role in PEOPLE]
    with drawing_passwords() as (passwords, digests):
        migrate(settings.url)
        with closing(Seeder(settings)) as seeder:
            seeder.reassign(organization, dict(zip(users, roles, strict=True)))
            seeder.let_in(organization, dict(zip(users, digests, strict=True)))
    return {name: password for (name, _), password in zip(PEOPLE, passwords, strict=True)}


def _ready(kept: Mapping[str, Any], passwords: Mapping[str, str], entry: str) -> Ready:
    cast = Cast(
        emails={name: email_of(name) for name, _ in PEOPLE},
        passwords=passwords,
        users=kept["users"],
        roles=kept["roles"],
        nodes=kept["nodes"],
        article=kept["content_types"]["article"],
    )
    return Ready(kept["organization"]["name"], entry, count(), cast, dict(PEOPLE))

"""A small real installation: an organization, its admin, and service tokens; without a server."""

from __future__ import annotations

import atexit
import shutil
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from counterfoil import directory
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.app.build import App, build
from counterfoil.app.records import records
from counterfoil.feed.follow import Outbox
from counterfoil.kernel.ids import OrganizationId, RoleId, TokenId
from counterfoil.migrations import migrate
from counterfoil.office import Office, at_their_word
from counterfoil.runtime.settings import Settings
from counterfoil.signin import digest_password, set_password
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.wish import Wish
from support.founding import bootstrap

EMAIL = "ada@acme.test"
PASSWORD = "correct-horse-battery"
SHARED_KEYS = ("audit.key", "cursor.key", "feed.key", "seal.key")
"""What every host of an office has the same, as the how-to says."""
_MACHINE = Origin("test")


@dataclass
class Installed:
    """An installation that was set up and closed again."""

    settings: Settings
    organization: OrganizationId
    admin: RoleId
    root: int
    tokens: list[str]


def install(data_dir: Path, tokens: int = 1, database_url: str = "") -> Installed:
    """Set one up, with service tokens of the admin role on all surfaces."""
    settings = Settings(data_dir=data_dir, database_url=database_url)
    settings.prepare()
    if database_url:
        migrate(settings.url)
    else:
        shutil.copyfile(_migrated(), settings.office_file)
    app = build(settings)
    try:
        return _settle(app, tokens)
    finally:
        app.close()


@cache
def _migrated() -> Path:
    """Return an embedded database that was brought to the present revision, once in a process."""
    folder = Path(mkdtemp(prefix="counterfoil-migrated-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "office.sqlite"
    migrate(f"sqlite:///{path}")
    return path


def admin_of(app: App, founded: directory.Founded) -> Caller:
    """The admin, as if signed in a moment ago."""
    return Caller(
        founded.organization.id,
        founded.admin.user.id,
        Method.SESSION,
        directory.operator(founded.organization.id).grant,
        TokenId(founded.admin.user.id),
        "session",
        authenticated_at=app.office.clock(),
    )


def _settle(app: App, tokens: int) -> Installed:
    founded = bootstrap(app.office, organization="Acme", email=EMAIL, name="Ada")
    operator = directory.operator(founded.organization.id)
    with app.office.work(operator, _MACHINE) as work:
        set_password(work, founded.admin.user.id, digest_password(PASSWORD, app.office.entropy))
    admin = admin_of(app, founded)
    role = founded.roles["admin"].id
    return Installed(
        app.settings,
        founded.organization.id,
        role,
        founded.organization.root,
        [mint(app, admin, role, f"service {number}") for number in range(tokens)],
    )


def mint(app: App, caller: Caller, role: RoleId, name: str) -> str:
    """Make a service token of a role, on all surfaces."""
    wish = Wish(
        name,
        inherit=True,
        surfaces=ALL_SURFACES,
        authority="role",
        subject=role,
        enabled=True,
        expires_at=app.office.clock() + timedelta(days=30),
    )
    with trusting(app).work(caller, _MACHINE) as work:
        return create_api_token(work, wish).secret.reveal()


def admin_again(app: App, made: Installed) -> Caller:
    """The admin of an installation that was opened again, as if signed in a moment ago."""
    with app.database.reading() as tx:
        admin = directory.user_by_email(tx, EMAIL)
    assert admin is not None
    grant = directory.operator(made.organization).grant
    now = app.office.clock()
    return Caller(
        made.organization, admin.id, Method.SESSION, grant, TokenId(admin.id), "session",
        authenticated_at=now,
    )  # fmt: skip


def trusting(app: App) -> Office:
    """Return an office on the same books that takes callers at their word."""
    books = Outbox(app.database, records)
    return Office(
        app.database,
        app.journal,
        app.office.clock,
        app.office.entropy,
        committed=lambda position: _follow(app, books, position),
        verify=at_their_word,
        prefix=app.settings.prefix,
    )


def _follow(app: App, books: Outbox, position: int) -> None:
    app.replica.catch_up(books, position)

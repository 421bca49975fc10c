"""The key under which tokens are sealed: it begins once, and nothing goes on without it."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pyotp
import pytest
from falcon.testing import TestClient

from counterfoil.access.caller import Origin
from counterfoil.app import recover, sealing
from counterfoil.app.build import App, build
from counterfoil.app.fit import UnreadyError
from counterfoil.app.recover import Choice
from counterfoil.kernel.ids import TokenId
from counterfoil.migrations import migrate
from counterfoil.runtime.settings import Settings
from counterfoil.signin import totp
from counterfoil.signin.second import add_second, offer_second
from support.installation import EMAIL, PASSWORD, Installed, admin_again, install, trusting

WIDENED = """
    UPDATE token_grant SET roots = '[1]'
    WHERE token_id = (SELECT id FROM token WHERE name = 'service 2')
"""
NAMELESS = "UPDATE installation SET seal_name = NULL"
HIDDEN = "CREATE TABLE hidden AS SELECT * FROM organization"
UNSEALED = "UPDATE token SET seal = NULL"


@pytest.fixture
def made(tmp_path: Path) -> Installed:
    return install(tmp_path / "data", tokens=3)


def shown(settings: Settings, tokens: list[str]) -> list[int]:
    """Return how tokens are answered by an installation that starts anew."""
    app = build(settings)
    try:
        client = TestClient(app.wsgi)
        told = [{"Authorization": f"Bearer {token}"} for token in tokens]
        return [client.simulate_get("/cma/token", headers=one).status_code for one in told]
    finally:
        app.close()


def write(settings: Settings, *statements: str) -> None:
    """Change the database as somebody does who has nothing but the database."""
    with closing(sqlite3.connect(settings.office_file)) as database:
        for statement in statements:
            assert database.execute(statement).rowcount
        database.commit()


def widen(settings: Settings) -> None:
    """Change what the last of the tokens may do, and have the gate built anew."""
    write(settings, WIDENED)
    shutil.rmtree(settings.replica_dir)


def test_a_token_that_was_changed_is_401_at_a_gate_built_anew(made: Installed) -> None:
    """The others open as ever: somebody had the database, and got nothing by it (S5)."""
    widen(made.settings)
    assert shown(made.settings, made.tokens) == [200, 200, 401]


def test_the_key_is_its_owners_alone(made: Installed) -> None:
    """It is a file that nobody else can read, and no other is left beside it (S5)."""
    file = made.settings.seal_key_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not made.settings.new_seal_key_file.exists()


def test_a_host_without_the_key_does_not_start(made: Installed) -> None:
    """It says which file to copy, and makes no key in the place of the one that is missing (S5)."""
    file, kept = made.settings.seal_key_file, made.settings.data_dir.with_name("kept")
    file.rename(kept)
    for _ in range(2):
        with pytest.raises(
            UnreadyError, match=r"copy seal\.key from the data directory of another"
        ):
            build(made.settings)
    assert not file.exists()
    kept.rename(file)
    assert shown(made.settings, made.tokens) == [200] * 3


def test_whoever_wipes_the_name_of_the_key_has_nothing_sealed(made: Installed) -> None:
    """The server does not start on it; the operator takes it as it is, in quarantine (S5, R12)."""
    widen(made.settings)
    write(made.settings, NAMELESS)
    with pytest.raises(UnreadyError, match="the database names no key: somebody changed it"):
        build(made.settings)
    recover.begin_quarantine(made.settings, "Ann")
    assert shown(made.settings, made.tokens) == [503] * 3


def test_a_host_is_given_its_key_before_anybody_is_there(tmp_path: Path) -> None:
    """Whoever puts a key beside an empty database begins by it: so all hosts can be given one."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.prepare()
    key = bytes(range(32))
    settings.seal_key_file.touch(0o600)
    settings.seal_key_file.write_bytes(key)
    migrate(settings.url)
    build(settings).close()
    assert settings.seal_key_file.read_bytes() == key


def test_an_installation_of_before_is_sealed_once(made: Installed) -> None:
    """Where neither host nor database knows a key, one begins and every token goes on."""
    made.settings.seal_key_file.unlink()
    write(made.settings, NAMELESS, UNSEALED)
    assert shown(made.settings, made.tokens) == [200] * 3
    widen(made.settings)
    assert shown(made.settings, made.tokens) == [200, 200, 401]


@pytest.mark.parametrize("named", [True, False])
def test_whoever_was_killed_at_the_beginning_goes_on(made: Installed, *, named: bool) -> None:
    """Killed before the commit or after it, the first start is done again, and all opens (R4)."""
    made.settings.seal_key_file.rename(made.settings.new_seal_key_file)
    if not named:
        write(made.settings, NAMELESS, UNSEALED)
    assert shown(made.settings, made.tokens) == [200] * 3
    assert made.settings.seal_key_file.exists()


@pytest.mark.parametrize("has_key", [True, False])
def test_a_backup_is_put_back(made: Installed, tmp_path: Path, *, has_key: bool) -> None:
    """With the key a token that was changed stays dead; without it the backup is taken as it is.

    Either way the restore makes the installation whole (S5, R12).
    """
    write(made.settings, WIDENED)
    empty = put_back(made, tmp_path, has_key=has_key)
    assert shown(empty, made.tokens) == [401, 200, 401 if has_key else 200]


def put_back(made: Installed, tmp_path: Path, *, has_key: bool) -> Settings:
    """Back an installation up, put it back elsewhere, with the key of its seals or without."""
    build(made.settings).close()  # which begins the journal
    recover.back_up(made.settings, tmp_path / "monday")
    empty = Settings(data_dir=tmp_path / "empty")
    empty.prepare()
    if has_key:
        shutil.copy2(made.settings.seal_key_file, empty.seal_key_file)
    with (tmp_path / "monday").open("rb") as source:
        recover.put_back(empty, source)
    recover.replay(empty, [made.settings.revocations_dir])
    choice = Choice(named=frozenset({first(empty)}))
    recover.end_quarantine(empty, choice, "Ann", recover.plan_end(empty, choice).opening)
    return empty


def first(settings: Settings) -> TokenId:
    with closing(sqlite3.connect(settings.office_file)) as database:
        (found,) = database.execute("SELECT id FROM token WHERE name = 'service 0'").fetchone()
    return TokenId(found)


@pytest.mark.parametrize("has_key", [True, False])
def test_codes_for_recovery_outlive_the_key(
    made: Installed, tmp_path: Path, *, has_key: bool
) -> None:
    """Put back under another key an app shows no code that fits, and its recovery codes let in."""
    key, recovery = set_up_an_app(made)
    empty = put_back(made, tmp_path, has_key=has_key)
    app = build(empty)
    try:
        now = int(app.office.clock().timestamp())
        code = pyotp.TOTP(key).generate_otp(now // totp.STEP_S + 1)  # that of enrolment is used
        codes = ("", code, recovery[0], recovery[0], recovery[1])
        seen = [entered(app, code) for code in codes]
    finally:
        app.close()
    assert seen == [401, 204 if has_key else 401, 204, 401, 204]


def set_up_an_app(made: Installed) -> tuple[str, list[str]]:
    """Set an app up beside the admin's password; return its key and the recovery codes."""
    app = build(made.settings)
    try:
        admin, salt = admin_again(app, made), bytes(totp.SALT_BYTES)
        with trusting(app).work(admin, Origin("test")) as work:
            key = offer_second(work, salt)
        now = int(app.office.clock().timestamp())
        code = pyotp.TOTP(key).generate_otp(now // totp.STEP_S)
        with trusting(app).work(admin, Origin("test")) as work:
            return key, add_second(work, salt, code)
    finally:
        app.close()


def entered(app: App, code: str) -> int:
    """Return how the admin's password is answered with this code beside it."""
    said = {"email": EMAIL, "password": PASSWORD, "code": code}
    return TestClient(app.wsgi).simulate_post("/signin", json=said, host="127.0.0.1").status_code


def test_whoever_hides_the_organizations_has_nothing_sealed(made: Installed) -> None:
    """Where nobody is a key begins by itself, and seals nothing: so nothing is by hiding them (S5).

    With the name of the key gone, too, that would have made sound whatever somebody had written.
    """
    widen(made.settings)
    write(made.settings, NAMELESS, HIDDEN, "DELETE FROM organization")
    sealing.opened(made.settings).close()
    write(made.settings, "INSERT INTO organization SELECT * FROM hidden", "DROP TABLE hidden")
    assert shown(made.settings, made.tokens) == [200, 200, 401]

"""Two offices on one real Postgres, the clock of one of which is an hour behind (R6)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from chaos.house import clock_of
from counterfoil.access.caller import Origin
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.app.build import build
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.wish import Wish
from infra.postgres import new_database
from infra.server import begun, is_ready, serving
from infra.wait import free_port, wait_until
from support.installation import SHARED_KEYS, Installed, admin_again, install, trusting
from support.sample import Talker

HOUR_S = 3600
EXPIRED = (401, "TOKEN_EXPIRED")


def ending(made: Installed) -> str:
    """Make a token that ends within a second."""
    with closing(build(made.settings)) as app:
        wish = Wish(
            "soon over",
            inherit=True,
            surfaces=ALL_SURFACES,
            authority="role",
            subject=made.admin,
            enabled=True,
            expires_at=app.office.clock() + timedelta(seconds=1),
        )
        with trusting(app).work(admin_again(app, made), Origin("test")) as work:
            return create_api_token(work, wish).secret.reveal()


def another(home: Path, of: Path) -> Path:
    """Make the data directory of one more host."""
    home.mkdir(mode=0o700)
    for key in SHARED_KEYS:
        shutil.copy2(of / key, home / key)
    return home


@contextmanager
def behind(home: Path, env: Mapping[str, str], clock: Path) -> Iterator[tuple[int, Path]]:
    """Begin a server whose clock is an hour behind; yield where it listens, and its log."""
    port = free_port()
    clock.write_text(str(-HOUR_S))
    env = {**env, **clock_of(clock)}
    with begun(home, "serve", "--port", str(port), env=env) as server:
        wait_until(lambda: answers(port), "the server to answer")
        yield port, server.log


def answers(port: int) -> bool:
    try:
        return Talker(port)("GET", "/livez").status == 200
    except OSError:
        return False


def shown(port: int, token: str) -> tuple[int, str]:
    said = Talker(port).bearing(token)("GET", "/cda/items")
    return said.status, "" if said.status == 200 else said.body["errors"][0]["code"]


def test_no_host_decides_by_an_earlier_time(tmp_path: Path, postgres: int) -> None:
    """What has expired at one host is expired at one whose clock is an hour behind (R6, I8).

    That one is not ready while its clock is wrong, and says so. When both are gone a third one, in
    a new data directory and with that clock, opens nothing again either.
    """
    first, clock = tmp_path / "first", tmp_path / "wrong"
    with new_database(postgres) as url:
        made = install(first, tokens=1, database_url=url)
        lasting, over = made.tokens[0], ending(made)
        env = {"COUNTERFOIL_DATABASE_URL": url, "COUNTERFOIL_FILES": str(tmp_path / "files")}
        with serving(first, env=env) as one:
            wait_until(lambda: shown(one.port, over) == EXPIRED, "the token to expire")
            with behind(another(tmp_path / "second", first), env, clock) as (port, log):
                assert shown(port, over) == EXPIRED
                assert shown(port, lasting) == (200, "")
                ready = Talker(port)("GET", "/readyz")
                assert ready.status == 503
                assert "The clock of this host is 36" in ready.body["errors"][0]["detail"]
                assert "nobody of this office has this machine's time" in log.read_text()
                assert is_ready(one.port)
                clock.write_text("0")
                wait_until(lambda: is_ready(port), "the server whose clock was set right")
        joins = {**env, "COUNTERFOIL_JOIN": "on"}
        with behind(another(tmp_path / "third", first), joins, clock) as (port, _):
            assert shown(port, over) == EXPIRED
            assert shown(port, lasting) == (200, "")
            assert not is_ready(port)

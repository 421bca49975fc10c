"""A second host on one real Postgres that was given the key of the seals and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from infra.postgres import new_database
from infra.server import COUNTERFOIL, serving
from infra.wait import free_port
from support.installation import SHARED_KEYS, install
from support.sample import Talker


def test_it_does_not_start_and_does_so_with_the_keys(tmp_path: Path, postgres: int) -> None:
    """It ends with a sentence that names the file, and the first host serves on (R15)."""
    with new_database(postgres) as url:
        first, second = tmp_path / "first", tmp_path / "second"
        [token] = install(first, database_url=url).tokens
        second.mkdir(mode=0o700)
        shutil.copy2(first / "seal.key", second / "seal.key")
        env = {"COUNTERFOIL_DATABASE_URL": url}

        def ran(*command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [COUNTERFOIL, *command, "--data-dir", str(second)],
                env={**os.environ, **env},
                capture_output=True,
                text=True,
                check=False,
            )

        with serving(first, env=env) as one:
            refused = ran("serve", "--port", str(free_port()))
            assert refused.returncode == 3
            assert "copy audit.key from a host that serves already" in refused.stderr
            assert not (second / "audit.key").exists()
            assert not (second / "feed.key").exists()
            assert "copy feed.key from a host that serves already" in ran("doctor").stdout
            for name in SHARED_KEYS:
                shutil.copy2(first / name, second / name)
            with serving(second, env=env) as other:
                for server in (one, other):
                    talk = Talker(server.port).bearing(token)
                    assert talk("GET", "/cma/token").status == 200

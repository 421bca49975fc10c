"""A Postgres that proves who it is, where its address asks for that."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import load
from infra.keeper import ordinary_user
from infra.nginx import certificate
from infra.postgres import own_postgres
from infra.wait import wait_until

NAME = "localhost"


@dataclass(frozen=True)
class Proving:
    """A Postgres with a certificate for a name, and the certificate."""

    port: int
    pem: Path

    def database(self, host: str, asked: str) -> Database:
        """Return the database as a setting says it."""
        url = f"postgresql://postgres@{host}:{self.port}/postgres?{asked}"
        return Database(load({"COUNTERFOIL_DATA_DIR": "/", "COUNTERFOIL_DATABASE_URL": url}).url)

    def is_encrypted(self, host: str, asked: str) -> bool:
        """Say whether a connection is, which is made as the address asks."""
        database = self.database(host, asked)
        try:
            with database.reading() as tx:
                asks = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
                return bool(tx.execute(text(asks)).scalar_one())
        finally:
            database.close()


@pytest.fixture(scope="module")
def proving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proving]:
    here = tmp_path_factory.mktemp("tls")
    pem, key = certificate(here, NAME)
    with own_postgres() as cluster:
        who = ordinary_user()
        for file, name in ((pem, "server.crt"), (key, "server.key")):
            placed = Path(shutil.copyfile(file, cluster.data / name))
            placed.chmod(0o600)
            if who:
                os.chown(placed, who["user"], who["group"])
        cluster.tell("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")
        made = Proving(cluster.port, pem)
        wait_until(lambda: made.is_encrypted(NAME, "sslmode=prefer"), "Postgres to speak TLS")
        yield made


def test_an_address_may_ask_that_a_postgres_proves_itself(proving: Proving) -> None:
    """By `sslmode=verify-full` it is spoken to in TLS, as whom its certificate names."""
    assert proving.is_encrypted(NAME, f"sslmode=verify-full&sslrootcert={proving.pem}")


def test_who_cannot_prove_itself_is_not_spoken_to(proving: Proving, tmp_path: Path) -> None:
    """Another name than the certificate's, or one that nobody trusts, is refused."""
    other, _ = certificate(tmp_path, NAME)
    with pytest.raises(OperationalError, match="certificate verify failed"):
        proving.is_encrypted(NAME, f"sslmode=verify-full&sslrootcert={other}")
    with pytest.raises(OperationalError, match="does not match host name"):
        proving.is_encrypted("127.0.0.1", f"sslmode=verify-full&sslrootcert={proving.pem}")
    assert proving.is_encrypted("127.0.0.1", "sslmode=require")  # which asks for no proof

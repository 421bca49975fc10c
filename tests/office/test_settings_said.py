"""A setting that cannot be is refused in words by which it can be mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.runtime.settings import SettingError, Settings, load

WRONG = "hush hush!"
FREE = {
    "DATA_DIR", "FILES", "REVOCATIONS", "NATS_CREDENTIALS", "PROVIDERS", "LEAK_KEYS",
    "METRICS_SECRET_FILE",
}  # fmt: skip
"""Paths and addresses that are whatever they are: whoever opens one says what is the matter."""

NAMES = [
    name.removeprefix("COUNTERFOIL_") for name in Settings(data_dir=Path("/srv")).as_environment()
]


@pytest.mark.parametrize("name", sorted({*NAMES} - FREE))
def test_each_says_what_it_may_be(name: str) -> None:
    """It is named together with what would be valid, and what it said is not repeated."""
    variable = f"COUNTERFOIL_{name}"
    with pytest.raises(SettingError) as told:
        load({"COUNTERFOIL_DATA_DIR": "/srv", variable: WRONG})
    said, _, proper = str(told.value).partition(" is invalid: it is ")
    assert said == variable
    assert proper
    assert WRONG not in proper


@pytest.mark.parametrize(
    ("name", "wrong", "proper"),
    [
        ("PORT", "99999", "a whole number from 0 to 65535"),
        ("WORKERS", "0", "a whole number from 1 to 64"),
        ("SYSLOG", "logs.example.com", "syslog+tls://host, with a port if it is not 6514"),
        ("SYSLOG", "syslog+tcp://logs.example.com", "syslog+tcp://localhost on this machine"),
        ("MAIL", "smtp://ann:hush@mail.example.com", "smtps://user:password@host"),
        ("NATS", "nats://bus.example.com", "tls://host"),
        ("DATABASE_URL", "mysql://ann:hush@db.example.com/cms", "postgresql://user@host/name"),
        ("DATABASE_URL", "postgresql://", "postgresql://user@host/name"),
        ("BASE_URL", "cms.example.com", "http://host or https://host"),
        ("BASE_URL", "http://cms.example.com:99999", "http://host or https://host"),
        ("AUDIT", "loose", "batched or strict"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "addresses or ranges like 10.0.0.0/8"),
    ],
)
def test_what_is_nearly_right(name: str, wrong: str, proper: str) -> None:
    """A port too high, a bus without TLS, a password in the clear: each is told what is right."""
    with pytest.raises(SettingError) as told:
        load({"COUNTERFOIL_DATA_DIR": "/srv", f"COUNTERFOIL_{name}": wrong})
    assert proper in str(told.value)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgres_goes_by_all_its_names(scheme: str) -> None:
    """An address is taken as libpq reads it, and as those who run a Postgres for others say it."""
    place = "ann:h%40sh@db.example.com:6432/cms?sslmode=require"
    given = {"COUNTERFOIL_DATA_DIR": "/srv", "COUNTERFOIL_DATABASE_URL": f"{scheme}://{place}"}
    assert load(given).url == f"postgresql+psycopg://{place}"


def test_the_directory_is_asked_for() -> None:
    """The one setting that has no default says what it is."""
    with pytest.raises(SettingError, match="COUNTERFOIL_DATA_DIR is not set: it is where"):
        load({})

"""The operator's file of providers: what it says, and what is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.app.providers import providers
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.provider import Provider
from counterfoil.runtime.settings import SettingError, Settings, load

GOOD = """
[acme]
label = "Acme"
issuer = "https://login.acme.test/realms/1"
client_id = "counterfoil"
client_secret_file = "secret"
scopes = ["email"]
organizations = ["org_1000000000000001"]
says_when = false
[acme.claims]
email_verified = true
groups = "staff"

[other-1]
issuer = "http://localhost:9000"
client_id = "public"
"""


def read(folder: Path, text: str, *, passwords: bool = True) -> list[Provider]:
    file = folder / "providers.toml"
    file.write_text(text)
    settings = Settings(folder, providers=str(file), passwords=passwords)
    return providers(settings, system_clock).each()


def secret(folder: Path, text: str = "a secret\n", mode: int = 0o600) -> None:
    (folder / "secret").write_text(text)
    (folder / "secret").chmod(mode)


def test_a_file_names_providers(tmp_path: Path) -> None:
    """Each table is a provider; what is left out is the usual."""
    secret(tmp_path)
    acme, other = read(tmp_path, GOOD)
    assert (acme.name, acme.label, acme.client_secret) == ("acme", "Acme", "a secret")
    assert acme.scopes == ("openid", "email")
    assert acme.claims == {"email_verified": True, "groups": "staff"}
    assert (acme.organizations, acme.says_when) == (
        frozenset({OrganizationId(1_000_000_000_000_001)}),
        False,
    )
    assert (other.label, other.client_secret, other.scopes) == ("other-1", None, ("openid",))
    assert (other.organizations, other.says_when) == (frozenset(), True)


def test_a_secret_does_not_print(tmp_path: Path) -> None:
    """Whatever prints a provider leaves its secret out (S9)."""
    secret(tmp_path)
    assert "a secret" not in repr(read(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("https://login.acme.test/realms/1", "http://login.acme.test"), "acme.issuer"),
        (("https://login.acme.test/realms/1", "https://a.test?x=1"), "acme.issuer"),
        (("https://login.acme.test/realms/1", "https://u:p@a.test"), "acme.issuer"),
        (("https://login.acme.test/realms/1", "https://[::1"), "acme.issuer"),
        (('client_id = "counterfoil"', ""), "acme.client_id"),
        (('client_id = "counterfoil"', "client_id = 7"), "acme.client_id"),
        (('scopes = ["email"]', 'scopes = "email"'), "acme.scopes"),
        (('scopes = ["email"]', 'scopes = ["a b"]'), "acme.scopes"),
        (('groups = "staff"', "groups = 1.5"), "acme.claims"),
        (("org_1000000000000001", "usr_1"), "acme.organizations"),
        (('["org_1000000000000001"]', "[]"), "acme.organizations"),
        (('["org_1000000000000001"]', '"org_1000000000000001"'), "acme.organizations"),
        (('["org_1000000000000001"]', "[[]]"), "acme.organizations"),
        (("says_when = false", 'says_when = "no"'), "acme.says_when"),
        (('label = "Acme"', 'lable = "Acme"'), "acme.lable"),
        (('"secret"', '"nowhere"'), "acme.client_secret_file"),
        (("[other-1]", "[Other]"), "Other"),
        (("[acme]", "[acme"), "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    """A server does not start with a file that it reads otherwise than its operator."""
    secret(tmp_path)
    with pytest.raises(SettingError, match=named):
        read(tmp_path, GOOD.replace(*change))


def test_a_secret_is_the_owners_alone(tmp_path: Path) -> None:
    """A secret that others can read is refused, in a file of its own or not (S9)."""
    secret(tmp_path, mode=0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        read(tmp_path, GOOD)
    inside = GOOD.replace('client_secret_file = "secret"', 'client_secret = "a secret"')
    file = tmp_path / "providers.toml"
    file.touch(0o644)
    with pytest.raises(SettingError, match="chmod 600"):
        read(tmp_path, inside)
    file.chmod(0o600)
    assert read(tmp_path, inside)[0].client_secret == "a secret"
    with pytest.raises(SettingError, match="twice"):
        read(
            tmp_path,
            inside.replace("[acme.claims]", 'client_secret_file = "secret"\n[acme.claims]'),
        )


def test_somebody_can_sign_in(tmp_path: Path) -> None:
    """Without passwords and without a provider a server does not start."""
    with pytest.raises(SettingError, match="nobody can sign in"):
        providers(Settings(tmp_path, passwords=False), system_clock)
    assert read(tmp_path, GOOD.replace('client_secret_file = "secret"\n', ""), passwords=False)


def test_the_settings_travel(tmp_path: Path) -> None:
    """What a server is started with, its workers are told: the file's name, not what is in it."""
    told = {"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_PROVIDERS": "/x/y.toml"}
    settings = load({**told, "COUNTERFOIL_PASSWORDS": "off"})
    assert (settings.providers, settings.passwords) == ("/x/y.toml", False)
    assert load(settings.as_environment()) == settings
    assert load(told).passwords
    with pytest.raises(SettingError, match="COUNTERFOIL_PASSWORDS"):
        load({**told, "COUNTERFOIL_PASSWORDS": "maybe"})

"""From where the credential comes, and to whom it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Type
from counterfoil.cli.exits import Exit
from support.fake_server import Heard, Says, StandIn

FLAG, VARIABLE, FILE, STORED = (f"cfp_{letter * 49}" for letter in "fvds")
WHO = {"type": "session", "id": "1", "attributes": {"name": "x", "scopes": []}}


def who(heard: Heard) -> Says:
    """Answer with the last four characters of the bearer, as a name."""
    bearer = heard.headers["authorization"][-4:]
    attributes = {"name": f"bearer {bearer}", "scopes": ["content:read"]}
    return Says(200, {"data": {**WHO, "attributes": attributes}})


@pytest.fixture
def stored(typed: Type, server: StandIn) -> Type:
    """Return what types a command, where a token is stored for the stand-in server."""
    server.says = who
    assert typed("configure", "--pat-token", STORED, "--url", server.url).code == 0
    return typed


def token_file(tmp_path: Path, permissions: int = 0o600) -> Path:
    path = tmp_path / "token"
    path.write_text(FILE + "\n")
    path.chmod(permissions)
    return path


def test_the_flag_goes_before_the_environment_before_the_file(
    stored: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token comes from the flag, else from the environment, else from the file (A17, G12b)."""
    path = str(token_file(tmp_path))
    assert "bearer ssss" in stored("auth", "status").out
    monkeypatch.setenv("COUNTERFOIL_TOKEN", VARIABLE)
    assert "bearer vvvv" in stored("auth", "status").out
    assert "bearer ffff" in stored("auth", "status", "--patToken", FLAG).out
    assert "bearer dddd" in stored("auth", "status", "--token-file", path).out
    monkeypatch.setenv("COUNTERFOIL_TOKEN_FILE", path)
    assert "bearer vvvv" in stored("auth", "status").out
    monkeypatch.delenv("COUNTERFOIL_TOKEN")
    assert "bearer dddd" in stored("auth", "status").out


def test_a_token_on_the_command_line_works_and_warns(stored: Type) -> None:
    """`--patToken` is `--pat-token`: it works, and says what it risks (A16, S16)."""
    for option in ("--patToken", "--pat-token"):
        ran = stored("auth", "status", option, FLAG)
        assert "bearer ffff" in ran.out
        assert "seen in `ps`" in ran.err
        assert FLAG not in ran.out + ran.err


def test_a_token_from_standard_input_does_not_warn(stored: Type) -> None:
    """`-` reads the token where nobody else sees it (S16)."""
    ran = stored("auth", "status", "--pat-token", "-", stdin=FLAG + "\n")
    assert "bearer ffff" in ran.out
    assert ran.err == ""


def test_two_credentials_at_once_are_refused(
    stored: Type, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two credentials in one place exit 3 and nothing is sent (A18)."""
    ran = stored("auth", "status", "--patToken", FLAG, "--clientId", "1", "--clientSecret", "2")
    assert ran.code == Exit.CONFIG
    monkeypatch.setenv("COUNTERFOIL_TOKEN", VARIABLE)
    monkeypatch.setenv("COUNTERFOIL_CLIENT_ID", "1")
    assert stored("auth", "status").code == Exit.CONFIG
    assert server.heard == []


@pytest.mark.parametrize("permissions", [0o644, 0o660, 0o604])
def test_a_token_file_that_others_can_read_is_refused(
    stored: Type, server: StandIn, tmp_path: Path, permissions: int
) -> None:
    """A secret file that others can read is refused, by option and by variable (G12b)."""
    path = token_file(tmp_path, permissions)
    ran = stored("auth", "status", "--token-file", str(path))
    assert ran.code == Exit.CONFIG
    assert f"chmod 600 {path}" in ran.err
    assert server.heard == []


def test_a_stored_credential_goes_to_its_server_alone(stored: Type, server: StandIn) -> None:
    """Another address by flag or variable never gets the stored token (S16)."""
    ran = stored("auth", "status", "--url", f"http://localhost:{server.port}")
    assert ran.code == Exit.CONFIG
    assert "is not sent to" in ran.err
    assert server.heard == []
    assert stored("auth", "status", "--url", server.url + "/below").code == 0


def test_a_pair_works_on_any_command(stored: Type, server: StandIn) -> None:
    """Client id and secret are the other way, by the vendor's spelling and by ours (A15)."""

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/token":
            return Says(200, {"access_token": "cfx_got", "expires_in": 600})
        return who(heard)

    server.says = says
    for options in (("--clientId", "--clientSecret"), ("--client-id", "--client-secret")):
        ran = stored("auth", "status", options[0], "1", options[1], "-", stdin="secret\n")
        assert "bearer _got" in ran.out


def test_nobody_signed_in(typed: Type, server: StandIn) -> None:
    """Without any credential a command exits 4 and says how to sign in (A19)."""
    ran = typed("auth", "status", "--url", server.url)
    assert ran.code == Exit.UNAUTHENTICATED
    assert "counterfoil auth login" in ran.err
    assert server.heard == []


def test_a_placeholder_is_named(typed: Type, server: StandIn) -> None:
    """A pasted example is called that, beside what the server says of it (K15)."""
    server.script(Says(401, {"errors": [{"code": "INVALID_TOKEN", "detail": "A placeholder."}]}))
    for text in ("YOUR-API-TOKEN", "[PERSONAL_ACCESS_TOKEN]", "cfp_9fQ2"):
        ran = typed("auth", "status", "--url", server.url, "--pat-token", "-", stdin=text)
        assert ran.code == Exit.UNAUTHENTICATED
        assert "placeholder" in ran.err.splitlines()[0]


def test_clear_text_across_the_net_is_warned_of(typed: Type) -> None:
    """A token that would travel unencrypted to another machine is not sent without a word (S16)."""
    ran = typed("auth", "status", "--url", "http://host.invalid:1", "--pat-token", FLAG)
    assert "is not encrypted" in ran.err
    assert ran.code == Exit.CONFIG


def test_a_broken_file_does_not_stop_who_brings_everything(
    typed: Type, server: StandIn, home: Path
) -> None:
    """With address and token on the command line the file is not even read (A17)."""
    home.parent.mkdir(parents=True, mode=0o700)
    home.write_text("{")
    server.says = who
    ran = typed("auth", "status", "--url", server.url, "--pat-token", FLAG)
    assert ran.code == 0


def test_a_good_token_is_stored_by_login(typed: Type, server: StandIn, home: Path) -> None:
    """`auth login --token` tries the token and keeps it for later commands (X13)."""
    server.says = who
    ran = typed("auth", "login", "--url", server.url, "--token", FLAG)
    assert ran.code == 0
    assert "seen in `ps`" in ran.err
    assert FLAG not in ran.out + ran.err
    assert FLAG in home.read_text()
    assert "bearer ffff" in typed("auth", "status").out


@pytest.mark.parametrize(
    ("code", "exit_code"), [("INVALID_TOKEN", 4), ("TOKEN_PENDING_APPROVAL", 8)]
)
def test_a_bad_token_is_refused_and_not_stored(
    typed: Type, server: StandIn, home: Path, code: str, exit_code: int
) -> None:
    """`auth login --token` with a token that is not in force exits so and stores nothing (X13)."""
    server.script(Says(401, {"errors": [{"code": code}]}))
    ran = typed("auth", "login", "--url", server.url, "--token", "-", stdin=FLAG)
    assert ran.code == exit_code
    assert not home.exists()


def test_logout_forgets(stored: Type, home: Path) -> None:
    """`auth logout` removes the credential and keeps the address; a second one exits 4 (X13)."""
    assert stored("auth", "logout").code == 0
    assert STORED not in home.read_text()
    assert "url" in home.read_text()
    assert stored("auth", "logout").code == Exit.UNAUTHENTICATED

"""Where credentials are kept: the keyring, the modes of files, and the way into them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from keyring.core import load_keyring

from cli.conftest import Type
from counterfoil.cli.auth.device import sign_in_elsewhere
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.profile import ProfileFile
from counterfoil.client import Client
from counterfoil.kernel.clock import spell_instant, system_clock
from support.fake_server import Heard, Says, StandIn

TOKEN = "cfp_" + "k" * 49
WHO: dict[str, Any] = {
    "type": "token",
    "id": "1",
    "attributes": {"name": "laptop", "method": "personal"},
}
KEYRING = "keyrings.alt.file.PlaintextKeyring"
STRONG = "support.keyring_in_memory.Strong"


def test_login_keeps_a_token_in_the_keyring(
    typed: Type, server: StandIn, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a keyring the file holds no secret, and later commands find it (X13, S16)."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", KEYRING)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    server.says = lambda _heard: Says(200, {"data": WHO})
    ran = typed("auth", "login", "--url", server.url, "--with-token", stdin=TOKEN)
    assert ran.code == 0, ran.err
    assert "stored in the keyring" in ran.err
    assert TOKEN not in home.read_text()
    assert "keyring = true" in home.read_text()
    ran = typed("auth", "status")
    assert "stored    in the keyring" in ran.out
    assert server.heard[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert typed("auth", "logout").code == 0
    assert typed("auth", "status").code == Exit.UNAUTHENTICATED
    assert "keyring" not in home.read_text()


@pytest.mark.parametrize("chained", [[KEYRING], [KEYRING, KEYRING], [STRONG, KEYRING]])
def test_a_plain_file_of_another_library_is_no_keyring(
    typed: Type, server: StandIn, home: Path, monkeypatch: pytest.MonkeyPatch, chained: list[str]
) -> None:
    """Where several keyrings are chained the first counts: a plain file gets no token (S16)."""
    share = home.parent / "share"
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    monkeypatch.setenv("XDG_DATA_HOME", str(share))
    chain: Any = load_keyring("keyring.backends.chainer.ChainerBackend")
    monkeypatch.setattr("keyring.core._keyring_backend", chain)
    monkeypatch.setattr(type(chain), "backends", [load_keyring(one) for one in chained])
    server.says = lambda _heard: Says(200, {"data": WHO})
    ran = typed("auth", "login", "--url", server.url, "--with-token", stdin=TOKEN)
    assert ran.code == 0, ran.err
    assert not share.exists()
    assert (TOKEN in home.read_text()) is (STRONG not in chained)
    assert typed("auth", "status").code == 0
    assert typed("auth", "logout").code == 0


def test_configure_keeps_in_the_file_what_the_keyring_had(
    typed: Type, server: StandIn, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`configure` writes the file, as its page says, and the keyring forgets what it had (A17)."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", KEYRING)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    server.says = lambda _heard: Says(200, {"data": WHO})
    typed("auth", "login", "--url", server.url, "--with-token", stdin=TOKEN)
    other = TOKEN.replace("k", "o")
    assert typed("configure", "--pat-token", "-", stdin=other).code == 0
    assert f'pat_token = "{other}"' in home.read_text()
    profiles = ProfileFile(None).read_all()
    assert not profiles.get("default").keyring


def test_a_code_is_typed_in_another_browser(server: StandIn) -> None:
    """`auth login --device` shows a code and waits as long as it is told (A17)."""
    pending = [Says(400, {"error": "authorization_pending"}), Says(400, {"error": "slow_down"})]
    slept: list[float] = []

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/device_authorization":
            page = {"user_code": "BCDF-GHJK", "verification_uri": f"{server.url}/device"}
            return Says(200, {"device_code": "d", "interval": 5, "expires_in": 600, **page})
        if pending:
            return pending.pop(0)
        return Says(200, {"access_token": "cfo_a", "refresh_token": "cfr_r", "expires_in": 600})

    server.says = says
    with Client(server.url) as client:
        session = sign_in_elsewhere(client, sleep=slept.append)
    assert (session.access, session.refresh) == ("cfo_a", "cfr_r")
    assert slept == [5.0, 5.0, 10.0]


@pytest.mark.parametrize("error", ["access_denied", "expired_token"])
def test_a_code_that_is_refused_ends_it(server: StandIn, error: str) -> None:
    """Who says no, or nothing, is told so, with the exit code of whoever is not signed in (A19)."""

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/device_authorization":
            page = {"user_code": "BCDF-GHJK", "verification_uri": f"{server.url}/device"}
            return Says(200, {"device_code": "d", **page})
        return Says(400, {"error": error})

    server.says = says
    with Client(server.url) as client, pytest.raises(Stop) as stopped:
        sign_in_elsewhere(client, sleep=lambda _s: None)
    assert stopped.value.exit_code == Exit.UNAUTHENTICATED


def test_nobody_is_waited_for_where_nobody_is(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    """In CI a sign-in by a browser is refused at once, and names the way without one (A19)."""
    monkeypatch.setenv("CI", "true")
    ran = typed("auth", "login", "--url", "http://localhost:1")
    assert ran.code == Exit.USAGE
    assert "--with-token" in ran.err


def test_a_strangers_project_gets_no_token(
    typed: Type, server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project's server that you do not know gets no token, by any way; known, it does (S16)."""
    (tmp_path / "counterfoil.toml").write_text(f'url = "{server.url}"\n')
    server.says = lambda _heard: Says(200, {"data": WHO})
    monkeypatch.setenv("COUNTERFOIL_TOKEN", TOKEN)
    for command in (("auth", "status"), ("auth", "login", "--with-token"), ("pat", "list")):
        ran = typed(*command, stdin=TOKEN)
        assert ran.code == Exit.CONFIG
        assert "the token was not sent there" in ran.err
    assert server.heard == []
    assert typed("auth", "status", "--url", server.url).code == 0
    assert typed("configure", "--url", server.url).code == 0
    assert typed("auth", "status").code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('token = "x"', "A secret has no place in a project"),
        ("url = 7", "strings alone"),
        ("url =", "not TOML"),
        ("[url]", "strings alone"),
    ],
)
def test_a_wrong_project_file_is_named(
    typed: Type, server: StandIn, tmp_path: Path, text: str, told: str
) -> None:
    """A project file that says what it may not is refused, and nothing is sent (A18)."""
    (tmp_path / "counterfoil.toml").write_text(text)
    ran = typed("pat", "list", "--pat-token", "-", stdin=TOKEN)
    assert ran.code == Exit.CONFIG
    assert told in ran.err
    assert server.heard == []


@pytest.mark.parametrize(
    ("began", "ends", "told"),
    [(-20, 5, True), (-1, 6, False), (-300, 20, False), (-5, None, False)],
)
def test_a_token_that_ends_soon_is_told_of(
    typed: Type, server: StandIn, *, began: int, ends: int | None, told: bool
) -> None:
    """`auth status` names the command that renews a token late in its life, and not before."""
    now = system_clock()
    attributes = {
        **WHO["attributes"],
        "name": "my laptop",
        "created_at": spell_instant(now + timedelta(days=began)),
        "expires_at": None if ends is None else spell_instant(now + timedelta(days=ends)),
    }
    server.says = lambda _heard: Says(200, {"data": {**WHO, "attributes": attributes}})
    ran = typed("auth", "status", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
    assert ran.code == 0
    assert ("counterfoil pat rotate 'my laptop' --grace 24h" in ran.err) is told


@pytest.mark.parametrize(("names", "told"), [(["developer", "reader"], True), (None, False)])
def test_the_role_is_told(
    typed: Type, server: StandIn, *, names: list[str] | None, told: bool
) -> None:
    """`auth status` names the roles behind a credential, where the server says them."""
    attributes = {**WHO["attributes"], **({"role_names": names} if names else {})}
    server.says = lambda _heard: Says(200, {"data": {**WHO, "attributes": attributes}})
    ran = typed("auth", "status", "--url", server.url, "--pat-token", "-", stdin=TOKEN)
    assert ran.code == 0
    assert ("role      developer, reader" in ran.out) is told

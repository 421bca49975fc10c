"""The file that remembers server and credential, and everything that must not happen to it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.conftest import Type
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.profile import BrokenFileError, Profile, ProfileFile
from counterfoil.client import SessionTokens

TOKEN = "cfp_" + "t" * 49
PAIR = ("--clientId", "1000000000000001", "--clientSecret", "cfk_" + "s" * 49)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Return a file mode creation mask that is in force."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write(path: Path, text: str, permissions: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.write_text(text)
    path.chmod(permissions)


def test_the_file_is_the_owners_alone_whatever_the_umask(
    home: Path, tmp_path: Path, umask: int
) -> None:
    """The file is 0600 in a folder of 0700 under every umask (A18, S16)."""
    (tmp_path / "home").mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "home").chmod(0o700)
    del umask
    ProfileFile(None).write(Profile("http://localhost:8400").with_token(TOKEN))
    assert mode(home) == 0o600
    assert mode(home.parent) == 0o700
    assert list(home.parent.iterdir()) == [home]


def test_configure_writes_and_later_commands_read(typed: Type, home: Path) -> None:
    """What `configure` stored is there for later commands, with no flag (A17)."""
    ran = typed(
        "configure", "--patToken", TOKEN, "--url", "http://127.0.0.1:1", "--organization", "7"
    )
    assert ran.code == 0
    assert ran.out == ""
    assert "seen in `ps`" in ran.err
    assert TOKEN not in ran.err
    assert ProfileFile(None).read() == Profile("http://127.0.0.1:1", "7", TOKEN)
    assert mode(home) == 0o600


def test_switching_the_kind_removes_the_other(typed: Type, home: Path) -> None:
    """Storing a pair removes the token, and storing a token removes the pair (A18)."""
    typed("configure", "--patToken", TOKEN)
    assert typed("configure", *PAIR).code == 0
    assert TOKEN not in home.read_text()
    assert typed("configure", "--pat-token", TOKEN).code == 0
    assert "cfk_" not in home.read_text()
    assert ProfileFile(None).read() == Profile(pat_token=TOKEN)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--patToken", TOKEN, *PAIR),
        ("--patToken", TOKEN, "--clientId", "1"),
        ("--clientId", "1"),
        ("--clientSecret", "1"),
    ],
)
def test_both_kinds_at_once_store_nothing(
    typed: Type, home: Path, arguments: tuple[str, ...]
) -> None:
    """A token and a pair at once, or half a pair, exit 3 and leave the file as it was (A18)."""
    typed("configure", "--pat-token", "first", "--url", "http://127.0.0.1:1")
    before = home.read_bytes()
    ran = typed("configure", *arguments)
    assert ran.code == Exit.CONFIG
    assert home.read_bytes() == before
    assert TOKEN not in ran.err


@pytest.mark.parametrize("command", [("auth", "status"), ("configure", "--pat-token", "x")])
@pytest.mark.parametrize(
    "text",
    [
        'pat_token = "a"\nclient_id = "b"\nclient_secret = "c"\n',
        'pat_token = "a"\n[session]\naccess = "b"\nrefresh = "c"\ngood_until = 1\n',
    ],
)
def test_a_file_with_both_kinds_is_refused(
    typed: Type, home: Path, text: str, command: tuple[str, ...]
) -> None:
    """A file that holds two kinds is refused with exit 3, by configure too, and stays (A18)."""
    write(home, text)
    ran = typed(*command)
    assert (ran.code, home.read_text()) == (Exit.CONFIG, text)
    assert "two kinds" in ran.err


@pytest.mark.parametrize("permissions", [0o640, 0o604, 0o660, 0o644, 0o777])
@pytest.mark.parametrize("command", [("auth", "status"), ("configure", "--pat-token", "x")])
def test_a_file_that_others_can_read_is_refused(
    typed: Type, home: Path, permissions: int, command: tuple[str, ...]
) -> None:
    """A file wider than 0600 is refused with exit 3, and stays as it was (A18, S16)."""
    write(home, f'pat_token = "{TOKEN}"\n', permissions)
    ran = typed(*command)
    assert ran.code == Exit.CONFIG
    assert f"chmod 600 {home}" in ran.err
    assert TOKEN not in ran.err
    assert mode(home) == permissions


@pytest.mark.parametrize("permissions", [0o750, 0o705, 0o755])
def test_a_folder_that_others_can_enter_is_refused(
    typed: Type, home: Path, permissions: int
) -> None:
    """Our own folder is 0700 or nothing is read from it or written to it (A18)."""
    write(home, "")
    home.parent.chmod(permissions)
    assert typed("configure", "--pat-token", TOKEN).code == Exit.CONFIG
    assert typed("auth", "status").code == Exit.CONFIG
    assert home.read_text() == ""


def test_another_path_may_stand_in_an_ordinary_folder(typed: Type, tmp_path: Path) -> None:
    """With --config the file itself is what must be private; its folder only unwritable (A18)."""
    tmp_path.chmod(0o755)
    path = tmp_path / "mine.toml"
    assert typed("configure", "--pat-token", TOKEN, "--config", str(path)).code == 0
    assert mode(path) == 0o600
    tmp_path.chmod(0o777)
    assert typed("configure", "--pat-token", "other", "--config", str(path)).code == Exit.CONFIG
    tmp_path.chmod(0o755)
    assert ProfileFile(path).read().pat_token == TOKEN


def test_a_planted_link_is_not_followed(typed: Type, home: Path, tmp_path: Path) -> None:
    """A symbolic link in the file's place is refused, and its target is left alone (S16)."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    victim.chmod(0o600)
    write(home, "")
    home.unlink()
    home.symlink_to(victim)
    for command in (("configure", "--pat-token", TOKEN), ("auth", "status")):
        assert typed(*command).code == Exit.CONFIG
    assert victim.read_text() == "mine"
    assert home.is_symlink()


def test_a_link_planted_where_we_write_is_not_followed(home: Path, tmp_path: Path) -> None:
    """A symbolic link under the name that we write to first is not followed (S16)."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    write(home, "")
    home.with_name(f".config.toml.{os.getpid()}").symlink_to(victim)
    ProfileFile(None).write(Profile(pat_token=TOKEN))
    assert victim.read_text() == "mine"
    assert not home.is_symlink()
    assert ProfileFile(None).read().pat_token == TOKEN


def test_what_is_no_file_is_refused(home: Path) -> None:
    """A pipe in the file's place is refused and does not make us wait (S16)."""
    write(home, "")
    home.unlink()
    os.mkfifo(home, 0o600)
    with pytest.raises(Stop, match="is no file"):
        ProfileFile(None).read()


BROKEN = [
    b"{ not toml",
    b"\xff\xfe",
    b"pat_token = 5\n",
    b'pat_tokn = "x"\n',
    b'client_id = "half"\n',
    b"session = 1\n",
    b'[session]\naccess = "a"\n',
    b"# " + b"x" * 70_000,
]


@pytest.mark.parametrize("raw", BROKEN)
def test_a_broken_file_is_refused_and_stays(typed: Type, home: Path, raw: bytes) -> None:
    """A file that is not ours to read exits 3 and is left as it was (A18)."""
    write(home, "")
    home.write_bytes(raw)
    assert typed("auth", "status").code == Exit.CONFIG
    assert home.read_bytes() == raw


@pytest.mark.parametrize("raw", BROKEN)
def test_configure_rewrites_a_broken_file(typed: Type, home: Path, raw: bytes) -> None:
    """`configure` says that the file was broken, and writes it anew (A18)."""
    write(home, "")
    home.write_bytes(raw)
    ran = typed("configure", "--pat-token", TOKEN)
    assert ran.code == 0
    assert "written anew" in ran.err
    assert ProfileFile(None).read() == Profile(pat_token=TOKEN)


def test_what_breaks_a_file_is_not_repeated(home: Path) -> None:
    """The message about a broken file names a place in it, and quotes nothing (A19)."""
    write(home, f'pat_token = "{TOKEN}\n')
    with pytest.raises(BrokenFileError) as broken:
        ProfileFile(None).read()
    assert TOKEN not in str(broken.value)
    assert "line 1" in str(broken.value)


def test_a_new_server_does_not_inherit_the_credential(typed: Type) -> None:
    """Changing the server's address forgets the credential that was for the other one (S16)."""
    typed("configure", "--pat-token", TOKEN, "--url", "http://127.0.0.1:1")
    typed("configure", "--url", "http://127.0.0.1:2")
    assert ProfileFile(None).read() == Profile("http://127.0.0.1:2")


def test_configure_wants_something_to_store(typed: Type, home: Path) -> None:
    """`configure` with nothing to store is a usage error, and makes no file (A17)."""
    assert typed("configure").code == Exit.USAGE
    assert not home.exists()


@pytest.mark.parametrize("token", ["a b", "tökén", ""])
def test_configure_stores_nothing_unusable(typed: Type, home: Path, token: str) -> None:
    """What no header can carry is not stored as a token (A17)."""
    assert typed("configure", "--pat-token", "-", stdin=f"{token}\n").code == Exit.UNAUTHENTICATED
    assert not home.exists()


TEXTS = st.text(min_size=1).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))


@given(TEXTS, TEXTS, TEXTS)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, url: str, first: str, second: str
) -> None:
    """Every profile comes back from the file as it went in, whatever its strings hold (A17)."""
    file = ProfileFile(tmp_path_factory.mktemp("profile") / "config.toml")
    profiles = (
        Profile(url, first, second),
        Profile(url).with_pair(first, second),
        Profile(url).with_session(SessionTokens(first, second, 1_800_000_000)),
    )
    for profile in profiles:
        file.write(profile)
        assert file.read() == profile

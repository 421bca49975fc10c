"""What a client takes from the environment, and how little it brings along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.client import Bearer, Client, CredentialUnusable, Pair
from counterfoil.client.surroundings import surroundings, token_in
from counterfoil.kernel.usual import USUAL_URL

TOKEN = "cfp_" + "a" * 49


def test_an_empty_environment_names_this_machine() -> None:
    """Where nothing is said the server is this machine's, and there is no credential (G12b)."""
    found = surroundings({})
    assert (found.url, found.credential, found.organization) == (USUAL_URL, None, None)


def test_a_token_comes_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    """The environment or a private file holds the token, with or without a line end (G12b)."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    both = {"COUNTERFOIL_TOKEN": TOKEN, "COUNTERFOIL_TOKEN_FILE": "/nowhere/at/all"}
    one = {"COUNTERFOIL_TOKEN": f"{TOKEN}\n"}
    for said in (one, {"COUNTERFOIL_TOKEN_FILE": str(file)}, both):
        found = surroundings(said | {"COUNTERFOIL_ORGANIZATION": "org_1"})
        assert isinstance(found.credential, Bearer)
        assert (repr(found.credential), found.organization) == ("<Bearer cfp_…aaaa>", "org_1")
    pair = {"COUNTERFOIL_CLIENT_ID": "id", "COUNTERFOIL_CLIENT_SECRET": "secret"}
    assert isinstance(surroundings(pair).credential, Pair)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A token in a file that others can read is not used, and the way out is said (G12b)."""
    file = tmp_path / "token"
    file.write_text(TOKEN)
    file.chmod(mode)
    with pytest.raises(CredentialUnusable, match="chmod 600"):
        token_in(file)


@pytest.mark.parametrize(
    "said",
    [
        {"COUNTERFOIL_TOKEN_FILE": "x", "COUNTERFOIL_CLIENT_ID": "1"},
        {"COUNTERFOIL_TOKEN": TOKEN, "COUNTERFOIL_CLIENT_ID": "id"},
        {"COUNTERFOIL_CLIENT_ID": "id"},
        {"COUNTERFOIL_CLIENT_SECRET": "secret"},
        {"COUNTERFOIL_TOKEN_FILE": "/nowhere/at/all"},
    ],
)
def test_what_is_ambiguous_is_refused(said: dict[str, str]) -> None:
    """Two kinds of credentials, half a pair and a missing file are refused, without a secret."""
    with pytest.raises(CredentialUnusable) as refused:
        surroundings(said)
    assert TOKEN not in str(refused.value)


def test_a_client_is_made_of_its_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program need not say what its environment says already (G12b)."""
    monkeypatch.setenv("COUNTERFOIL_URL", "https://cms.example.com/below/")
    monkeypatch.setenv("COUNTERFOIL_TOKEN", TOKEN)
    with Client.from_environment() as client:
        assert client.url == "https://cms.example.com/below"


def test_a_client_brings_nothing_of_the_server_along() -> None:
    """Whoever imports the client loads no database, no framework, no gate and no command line."""
    asked = (
        "import sys; import counterfoil.client as c; c.AsyncClient; c.Client;"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}"
        " | {'.'.join(name.split('.')[:2]) for name in sys.modules if 'counterfoil' in name}))"
    )
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    ours = {name for name in loaded if name.startswith("counterfoil.")}
    assert ours == {"counterfoil.client", "counterfoil.kernel", "counterfoil.secret"}
    assert not loaded & {"sqlalchemy", "falcon", "lmdb", "msgspec", "granian", "jinja2", "click"}

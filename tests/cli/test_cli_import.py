"""`counterfoil token import`: what its file may say, and what is refused before all else."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from pathlib import Path

import pytest

from cli.conftest import Type
from counterfoil.app.import_line import Line, foreign_of
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.hashes import read
from counterfoil.kernel.errors import Invalid

HASH = hashlib.sha256(b"sk_live_4fGh5jK2lPq9ZxCvB7nM1wErT").hexdigest()
USUAL = {"bits": 190, "role": "reader", "expires_at": "never"}


def test_both_forms_say_the_same() -> None:
    """A list in a cell of CSV and one in JSON are one list, and an empty cell says nothing."""
    cells = f"name,sha256,scopes,roots,enabled\nci,{HASH},content:read assets:read,,false\n"
    said = {
        "name": "ci", "sha256": HASH, "scopes": ["content:read", "assets:read"], "enabled": False
    }  # fmt: skip
    (one,) = read(io.StringIO(cells), USUAL)
    (other,) = read(io.StringIO(json.dumps(said)), USUAL)
    assert one.line == other.line == Line(**said, **USUAL)  # type: ignore[arg-type]
    assert (one.number, other.number) == (2, 1)


def test_a_line_that_names_a_user_takes_no_usual_role() -> None:
    """What a line says of the authority stands in place of what the options say."""
    (one,) = read(io.StringIO(f"name,sha256,user\nci,{HASH},ben@harbour.example\n"), USUAL)
    assert (one.line.role, one.line.user) == (None, "ben@harbour.example")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no tokens"),
        (f"name,sha256\nci,{HASH}\nci,{HASH}\n", "Line 3: its hash stands in line 2"),
        (f"name,sha256\nci,{HASH},x\n", "Line 2: it has not as many cells"),
        ('name,sha256\n"ci,x\n', "Line 2: it is no CSV"),
        ("{", "Line 1: it is no JSON"),
        (f'{{"name": "ci", "sha256": "{HASH}", "token": "x"}}', "unknown field `token`"),
        (f'{{"name": "ci", "sha256": "{HASH}", "bits": "many"}}', "Line 1: Expected `int`"),
        (f'{{"name": "ci", "sha256": "{HASH}", "expires_at": "soon"}}', "is not an expiry"),
        ('{"name": "ci"}', "missing required field `sha256`"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(typed: Type, text: str, told: str) -> None:
    """A file that cannot be read is a usage error that names the line (exit 2)."""
    ran = typed(
        "token", "import", "-", "--data-dir", "nowhere", "--bits", "190", "--role", "reader",
        "--expires", "90d", stdin=text,
    )  # fmt: skip
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert told in ran.err


def test_hex_and_base64_are_one_hash() -> None:
    """A hash is read in hex of either case, and in base64 of either alphabet, padded or not."""
    raw = bytes(range(224, 256))
    spelled = [
        raw.hex(), raw.hex().upper(), base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    ]  # fmt: skip
    for text in spelled:
        line = Line(name="ci", sha256=text, bits=190, expires_at="never")
        assert foreign_of(line).sha256 == raw


@pytest.mark.parametrize("text", ["", "0" * 63, "g" * 64, HASH[:32], "ä" * 44, "sk_live_x" * 5])
def test_what_is_no_sha256_is_refused(text: str) -> None:
    """Another hash, or the token itself, is refused, and the refusal does not repeat it (S9)."""
    with pytest.raises(Invalid) as refused:
        foreign_of(Line(name="ci", sha256=text, bits=190, expires_at="never"))
    assert refused.value.field == "/data/attributes/sha256"
    assert not text or text not in refused.value.detail


def test_there_must_be_an_installation(typed: Type, tmp_path: Path) -> None:
    """Where nothing is installed, that is said, and nothing is made there (exit 3)."""
    (tmp_path / "t.csv").write_text(f"name,sha256\nci,{HASH}\n")
    ran = typed(
        "token", "import", "t.csv", "--data-dir", "nowhere", "--bits", "190", "--role", "reader",
        "--expires", "90d",
    )  # fmt: skip
    assert ran.code == Exit.CONFIG
    assert "counterfoil init" in ran.err
    assert not (tmp_path / "nowhere").exists()


def test_the_last_line_of_csv_counts() -> None:
    """A file without a line end at its end loses no line."""
    assert len(read(io.StringIO(f"name,sha256\nci,{HASH}"), USUAL)) == 1
    with pytest.raises(Stop):
        read(io.StringIO("name,sha256"), USUAL)

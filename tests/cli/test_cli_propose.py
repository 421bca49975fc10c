"""`counterfoil gates propose`: a document to be read, or a sentence that says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import Type
from counterfoil.cli.exits import Exit
from counterfoil.kernel.ids import ApiId

ONE = '{"api": "api_1000000000000001", "method": "GET", "shape": ["pages", null], "keys": [1]'
OWN = ONE + ', "token": "tok_1000000000000101"}'
OTHER = OWN.replace("0001", "0002", 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded"


def test_a_proposal_is_what_is_declared(typed: Type, file: Path) -> None:
    """What goes to standard output is the whole document that the API takes; the rest is said."""
    file.write_text(f"{OWN}\n{ONE}}}\n")
    ran = typed("gates", "propose", str(file))
    assert ran.code == 0
    line = {"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read", "node": "{page}"}
    routes = {"routes": [line]}
    document = {"data": {"type": "api_routes", "attributes": routes}}
    assert ran.out == json.dumps(document, indent=2) + "\n"  # to be read, and kept in a file
    assert json.loads(typed("gates", "propose", str(file), "--json").out) == document
    assert "tok_1000000000000101  pages:read" in ran.err


def test_words_that_became_a_parameter_are_named(typed: Type, file: Path) -> None:
    """Before anything is declared its reader sees for which words a parameter stands."""
    steps = ["admin", *("w" * (at + 1) for at in range(12))]
    file.write_text("\n".join(OWN.replace('"pages", null', f'"{step}"') for step in steps))
    ran = typed("gates", "propose", str(file))
    assert ran.code == 0
    assert "! /{value_1} stands for 13 words: admin w ww" in ran.err


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", 6, "Nothing was recorded"),
        (f"{ONE}}}", 6, "--strangers"),
        (f"{OWN}\n{OTHER}", 2, "api_1000000000000001, api_1000000000000002"),
        ("not JSON", 3, "something else"),
        ('{"api": "a", "method": 1, "shape": []}', 3, "something else"),
        ("\x00\xff", 3, "something else"),
    ],
)
def test_what_is_no_recording_is_named(
    typed: Type, file: Path, text: str, code: int, says: str
) -> None:
    """An empty file, a foreign one, and one of several APIs each say what to do."""
    file.write_text(text, "latin-1")
    ran = typed("gates", "propose", str(file))
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err


def test_one_api_or_strangers_are_chosen(typed: Type, file: Path) -> None:
    """The file of a gate before several APIs gives the table of the one that is named."""
    file.write_text(f"{OWN}\n{OTHER}\n")
    for spelled in ("api_1000000000000002", "1000000000000002"):
        assert typed("gates", "propose", str(file), "--api", spelled).code == 0
    assert typed("gates", "propose", str(file), "--api", "tok_1000000000000002").code == 2
    file.write_text(f"{ONE}}}\n")
    assert typed("gates", "propose", str(file), "--strangers").code == 0


def test_an_api_is_named_by_its_name(typed: Type, goods: ApiId, file: Path) -> None:
    """Who knows the id of an API by heart? The server does; an unknown name is said to be one."""
    file.write_text(f"{OTHER}\n{OWN.replace('1000000000000001', str(goods), 1)}\n")
    ran = typed("gates", "propose", str(file), "--api", "Goods")
    assert ran.code == 0, ran.err
    assert ran.out == typed("gates", "propose", str(file), "--api", f"api_{goods}").out
    ran = typed("gates", "propose", str(file), "--api", "Bads")
    assert (ran.code, ran.out) == (Exit.NOT_FOUND, "")
    assert "There is no registered API called 'Bads'" in ran.err
    for named in ("Goods", f"api_{goods}", str(goods)):
        found = typed("audit", "search", "--api", named, "--json")
        assert (found.code, json.loads(found.out)) == (0, []), found.err
    assert typed("audit", "search", "--api", "Bads").code == Exit.NOT_FOUND

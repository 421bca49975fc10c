"""What reads the pages is able to find them wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from docs.likeness import Likeness
from docs.pages import commands
from docs.terminal import Terminal
from infra.curl import put_where_there_is_none
from support.fake_server import Says, standing_in

ID, OTHER = "5997221499338602", "7981364491079237"
REAL, ELSE = "1111111111111111", "2222222222222222"
PAGE = """
text
```console
$ one \\
  two
a
…
$ echo 'three
four'
✗ b
```
```python
$ not this
```
```console ann
$ five
```
"""


def test_a_page_is_read_as_it_is_written() -> None:
    """Commands come in order, whole, with their terminal and what is shown below them."""
    one, three, five = commands(PAGE, "ben")
    assert (one.command, one.shown, one.terminal) == ("one \\\n  two", ["a", "…"], "ben")
    assert (three.command, three.shown, three.fails) == ("echo 'three\nfour'", ["✗ b"], True)
    assert (five.command, five.terminal, five.fails) == ("five", "ann", False)


@pytest.mark.parametrize(
    ("shown", "came"),
    [
        (["a"], ["b"]),
        (["a"], []),
        (["a"], ["a", "b"]),
        ([], ["a"]),
        (["a", "c"], ["a", "b", "c"]),
        (["…", "c"], ["a", "b"]),
        (["…", "a", "c"], ["a", "b", "c"]),
        (["a", "…", "a"], ["a"]),
        (["200"], ["2000"]),
        (["a …"], ["b c"]),
        ([f"tok_{ID}"], ["tok_1"]),
        (["at 2026-11-25T21:08:52Z"], ["at noon"]),
        (["cfp_…9fQ2"], ["cfp_9fQ2"]),
        ([f"{ID} {ID}"], [f"{REAL} {ELSE}"]),
        ([f"{ID}", f"{ID}"], [REAL, ELSE]),
    ],
)
def test_a_page_that_is_wrong_is_found_out(shown: list[str], came: list[str]) -> None:
    """A line that did not come, one that came besides, and another form than shown all differ."""
    assert Likeness({}).differs(shown, came)


@pytest.mark.parametrize(
    ("shown", "came"),
    [
        (["a", "b"], ["a", "", "b", ""]),
        (["a  b"], ["a b"]),
        (["…", "c"], ["a", "b", "c"]),
        (["a", "…"], ["a", "b"]),
        (["…", "a", "c"], ["a", "b", "a", "c"]),
        (["…", "c"], ["c", "b", "c"]),
        (["a", "…", "b"], ["a", "b"]),
        (["…", f"{ID}", "b", "…", f"{ID}"], [ELSE, "a", REAL, "b", REAL]),
        (["a …"], ["a b c"]),
        ([f"tok_{ID} 2026-11-25T21:08:52Z"], [f"tok_{REAL} 2027-01-01T00:00:00.5Z"]),
        (["cfp_…9fQ2 21:08:52"], ["cfp_…aaaa 08:00:00"]),
        (["2026-11-25 21:08:52  Ben"], ["2027-01-01 00:00:00  Ben"]),
        (["see http://localhost:8400/x"], ["see http://127.0.0.1:1/x"]),
    ],
)
def test_a_page_that_is_right_is_let_pass(shown: list[str], came: list[str]) -> None:
    """Space, elided lines, and what is never twice the same make no difference."""
    real = {"http://localhost:8400": "http://127.0.0.1:1"}
    assert not Likeness(real).differs(shown, came)


def test_an_id_stands_for_what_came() -> None:
    """An id that a page types is the real one that stood where the page showed it."""
    likeness = Likeness({})
    assert not likeness.differs([f"req_{ID}"], [f"req_{REAL}"])
    assert likeness.filled(f"approve req_{ID}") == f"approve req_{REAL}"
    with pytest.raises(AssertionError, match="before any answer"):
        likeness.filled(OTHER)


def test_a_terminal_is_one(tmp_path: Path) -> None:
    """What is set in a terminal stays, programs see a terminal, and exit codes arrive."""
    terminal = Terminal(tmp_path, {"PATH": "/usr/bin:/bin"}, None)
    try:
        assert terminal.type("X=1; cd /") == (0, [""])
        assert terminal.type("echo $X; pwd; test -t 1 && echo tty")[1] == ["1", "/", "tty", ""]
        assert terminal.type("echo no >&2; (exit 4)") == (4, ["no", ""])
    finally:
        terminal.close()


def test_a_bar_that_is_gone_is_not_shown(tmp_path: Path) -> None:
    """A page shows what stands there in the end, however long it took to come so far."""
    terminal = Terminal(tmp_path, {"PATH": "/usr/bin:/bin"}, None)
    drawn = r"printf '\r\033[KRebuilding 1/2\r\033[KRebuilding 2/2\r\033[K' >&2; echo done"
    try:
        assert terminal.type(f"echo first; {drawn}")[1] == ["first", "done", ""]
    finally:
        terminal.close()


def test_a_machine_without_curl_reads_the_pages_too(tmp_path: Path) -> None:
    """Where there is no curl a stand-in asks, sends and shows what the pages have it do."""
    path = put_where_there_is_none(tmp_path / "bin", str(tmp_path))
    curl = which("curl", path=path)
    assert curl == str(tmp_path / "bin" / "curl")

    def type_curl(*arguments: str, stdin: str = "") -> str:
        ran = subprocess.run(
            [curl, *arguments], input=stdin, capture_output=True, text=True, check=True
        )
        return ran.stdout

    with standing_in(lambda heard: Says(401 if heard.body else 200, {"a": 1})) as server:
        assert type_curl("-s", server.url) == '{"a": 1}'
        shown = type_curl(
            "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", "-H", "X-Y: z", server.url
        )
        assert shown == "200\n"
        assert type_curl("-s", server.url, "-d", "@-", stdin="b=2") == '{"a": 1}'
        assert server.heard[1].headers["x-y"] == "z"
        assert (server.heard[2].method, server.heard[2].body) == ("POST", b"b=2")

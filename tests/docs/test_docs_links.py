"""Pages lead where they say, and none shows commands that nobody has run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks, commands
from tools.tracked import tracked

PAGES = [path for path in tracked("*.md") if path.parts[0] != "tests"]
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
ANCHOR = re.compile(r'id="([^"]+)"')
HOUSE = ROOT / "src" / "counterfoil"
RUN = ("docs/tutorial/", "docs/how-to/", "README.md", "CONTRIBUTING.md")
SHELLS = {"sh", "bash", "shell", "zsh"}


def links(path: Path) -> Iterator[tuple[str, str]]:
    text = re.sub(r"^```.*?^```", "", (ROOT / path).read_text(), flags=re.MULTILINE | re.DOTALL)
    for target, anchor in LINK.findall(text):
        if "://" not in target:
            yield target, anchor.removeprefix("#")


def anchors(path: Path) -> set[str]:
    text = path.read_text()
    slugs = (
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(text)
    )
    return {*slugs, *ANCHOR.findall(text)}


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_no_link_leads_nowhere(path: Path) -> None:
    """Every link in the repository leads to a file that is there, and to a place in it."""
    for target, anchor in links(path):
        found = (ROOT / path).parent / target if target else ROOT / path
        assert found.exists(), f"{path} links to {target}"
        assert not anchor or anchor in anchors(found), f"{path} links to {target}#{anchor}"


def test_the_first_table_of_the_house_leads_there() -> None:
    """ARCHITECTURE's first table names what stands in the file to which it links."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| .*\]\((src/[^)]+)\).*?`([\w.]+)`", text, re.MULTILINE)
    assert len(rows) == 4
    for path, name in rows:
        source = (ROOT / path).read_text()
        for part in name.split("."):
            assert re.search(rf"\b(def|class) {part}\b", source), f"{path} holds no {part}"


def test_every_file_that_architecture_names_is_there() -> None:
    """Whatever ARCHITECTURE names in code style or in its tree is a file where it says."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = {name for name in re.findall(r"`([a-z_]+/[\w./]*|[a-z_]+\.py)`", text) if "." in name}
    for line in re.findall(r"^[├└]─ (.*)$", text, re.MULTILINE):
        place, _, rest = line.partition(" ")
        named.add(place)
        words = re.split(r" {3,}", rest.strip())[0]
        named |= {f"{place}{word}.py" for word in words.split("  ") if "  " in words}
    assert len(named) > 50
    for name in named:
        assert any(HOUSE.glob(name)) or any(HOUSE.glob(f"*/{name}")) or (ROOT / name).exists(), name


def test_every_command_is_one_that_a_test_types() -> None:
    """Pages for doing show commands as `console` alone, in folders whose pages tests read."""
    for path in PAGES:
        shown = {block.language for block in blocks((ROOT / path).read_text())}
        assert not shown & SHELLS, path
        if "console" in shown:
            assert str(path).startswith(RUN), path


def test_the_make_targets_that_are_named_are_there() -> None:
    """README and CONTRIBUTING name targets of the Makefile that `make` knows."""
    named = [
        one.command.partition("#")[0].split()
        for page in ("README.md", "CONTRIBUTING.md")
        for one in commands((ROOT / page).read_text(), "you")
    ]
    assert ["make", "demo"] in named
    for command in named:
        assert command[0] == "make", command
        subprocess.run([*command, "--dry-run"], cwd=ROOT, check=True, capture_output=True)

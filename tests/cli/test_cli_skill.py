"""`counterfoil init --agent`: what a project's agents are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cli.conftest import Type

BLOCK = {"command": "counterfoil", "args": ["mcp"]}
SKILLS = (".agents/skills/counterfoil/SKILL.md", ".claude/skills/counterfoil/SKILL.md")


def test_a_project_gets_a_skill_and_a_block(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Skill and MCP block are written, and no secret is, whatever the environment holds (G12b)."""
    monkeypatch.setenv("COUNTERFOIL_TOKEN", "cfp_" + "a" * 49)
    ran = typed("init", "--agent")
    assert ran.code == 0, ran.err
    assert json.loads((tmp_path / ".mcp.json").read_text()) == {
        "mcpServers": {"counterfoil": BLOCK}
    }
    for skill in SKILLS:
        text = (tmp_path / skill).read_text()
        head = yaml.safe_load(text.split("---")[1])
        assert head["name"] == Path(skill).parent.name  # as agentskills.io wants it
        assert 20 < len(head["description"]) < 1024
        assert "4 unauthenticated" in text
    written = "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    assert "aaaa" not in written
    assert "up-to-date" in typed("init", "--agent").err


def test_the_block_may_name_server_and_profile(typed: Type, tmp_path: Path) -> None:
    """The block starts the tools for the server and by the profile that are named (G15)."""
    assert typed("init", "--agent", "--url", "https://x.test", "--profile", "writer").code == 0
    whole = json.loads((tmp_path / ".mcp.json").read_text())
    assert whole["mcpServers"]["counterfoil"]["args"] == [
        "mcp", "--url", "https://x.test", "--profile", "writer",
    ]  # fmt: skip
    assert typed("init", "--url", "https://x.test").code == 2


def test_what_others_wrote_stays(typed: Type, tmp_path: Path) -> None:
    """Other servers in the file stay; another block of ours, or a broken file, is left alone."""
    file = tmp_path / ".mcp.json"
    others = {"mcpServers": {"other": {"command": "x"}}, "more": [1]}
    file.write_text(json.dumps(others))
    assert typed("init", "--agent").code == 0
    assert json.loads(file.read_text()) == {
        "mcpServers": {"other": {"command": "x"}, "counterfoil": BLOCK},
        "more": [1],
    }
    for text, code in (
        ('{"mcpServers": {"counterfoil": {"command": "mine"}}}', 7),
        ('{"mcpServers": []}', 3),
        ("{", 3),
        ("[]", 3),
    ):
        file.write_text(text)
        assert typed("init", "--agent").code == code
        assert file.read_text() == text


def test_no_link_is_written_through(typed: Type, tmp_path: Path) -> None:
    """A link in the place of one of the files is refused, and what it leads to stays (S16)."""
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text("{}")
    (tmp_path / ".mcp.json").symlink_to(elsewhere)
    assert typed("init", "--agent").code == 3
    assert elsewhere.read_text() == "{}"

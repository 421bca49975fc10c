"""The reference of settings, commands, presets, roles and tokens holds what the code holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

import pytest

from counterfoil.access.scope import Scope
from counterfoil.cli.exits import Exit
from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.gateway.decision import Question
from counterfoil.gateway.identity import ASSERTION, NAMES
from counterfoil.gateway.refusal import STATUSES
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.settings import PREFIX, Settings
from counterfoil.secret import Kind, Secret
from tools import commands, gate, manual


def row(page: str, first: str) -> list[str]:
    """Return the cells of the table row that begins with this."""
    begun = f"| {first} |".replace("  ", " ")
    line = next(one for one in page.splitlines() if one.startswith(begun))
    return [cell.strip(" *") for cell in line.strip("|").split("|")]


def test_the_presets_are_published_as_a_table() -> None:
    """Every member of every preset stands in the table, as the code has it (K10)."""
    page = manual.presets_page()
    assert row(page, "")[1:] == list(PRESETS)
    assert row(page, "`quota`")[1:] == ["5", "5", "none", "none", "none", "10"]
    assert row(page, "`lifetime_max`")[1:] == ["P2Y", "none", "none", "none", "none", "P2Y"]
    assert row(page, "`api_tokens_start_enabled`")[5] == "no"
    for member in fields(Policy):
        if member.name not in {"preset", "version"}:
            assert len(row(page, f"`{member.name}`")) == 1 + len(PRESETS)


def test_every_setting_is_described() -> None:
    """A setting stands in the table with its variable and default; one without words fails."""
    page = manual.settings_page()
    assert row(page, "`COUNTERFOIL_PORT`")[1] == "`8400`"
    assert row(page, "`COUNTERFOIL_DATA_DIR`")[1] == "must be set"
    assert len(re.findall(rf"^\\| `{PREFIX}", page, re.MULTILINE)) >= len(fields(Settings))

    @dataclass
    class Silent:
        """Says nothing.

        Attributes:
            told: this one is described.
        """

        told: int
        untold: int

    with pytest.raises(manual.UndescribedError, match="untold"):
        manual.described(Silent)


def test_the_gate_is_described() -> None:
    """Each header, status and member of the gate stands in its reference, with words."""
    page = gate.gate_page()
    for name in (*NAMES, ASSERTION, *Question.__struct_fields__, *gate.CLAIMS):
        assert row(page, f"`{name}`")[1]
    for status in STATUSES.values():
        assert row(page, status)[1]
    assert "`X-Original-Method`, `X-Original-URI`" in row(page, "`/authz/nginx/api_…`")[2]
    with pytest.raises(manual.UndescribedError, match="untold"):
        manual.members_of(Question, ["untold"])


def test_every_command_stands_in_the_reference() -> None:
    """Commands of every depth are listed with their options, and so is every exit code."""
    page = commands.commands_page()
    for heading in (
        "serve",
        "init",
        "pat create",
        "request approve",
        "replica rebuild",
        "api call",
    ):
        assert f"\n## counterfoil {heading}\n" in page
    assert "`--wait`" in page
    assert "`counterfoil pat create NAME [options]`" in page
    for code in Exit:
        assert f"| {int(code)} |" in page
    assert "not in force" in row(page, "4")[1]


def test_every_scope_stands_in_the_table_of_roles() -> None:
    """Each scope has a row with what it allows and the roles that hold it (X7)."""
    page = manual.roles_page()
    assert row(page, "`content:read`")[2:6] == ["✓", "✓", "✓", "✓"]
    assert row(page, "`policy:manage`")[2:6] == ["✓", "", "", ""]
    assert all(row(page, f"`{scope}`")[1] for scope in Scope)


def test_what_a_preset_brings_along_stands_there_too() -> None:
    """The roles and scopes that the dx preset begins with are published as a table (X7, K10)."""
    page = manual.roles_page()
    _, preset = page.split("## Under the `dx` preset")
    head = "workspace user | scorecard admin | self-service admin | workspace admin"
    assert f"| scope | allows | {head} | what asks for it |" in preset
    assert row(preset, "`catalog:read`")[2:] == [
        "✓",
        "✓",
        "✓",
        "✓",
        "`catalog.list`, `catalog.show`",
    ]
    assert row(preset, "`scorecards:write`")[2:6] == ["", "✓", "", "✓"]
    assert row(preset, "`workflowRuns:writeEvents`")[2:6] == ["", "", "✓", "✓"]


def test_the_published_expression_finds_tokens() -> None:
    """The regular expression in the reference finds a token of every kind in running text (S2)."""
    expression = next(line for line in manual.token_page().splitlines() if line.startswith("\\b"))
    for kind in Kind:
        token = Secret.mint(kind, system_entropy).reveal()
        assert re.findall(expression, f"curl -H 'Authorization: Bearer {token}'") == [token]

"""`counterfoil init --agent`: tells the agents of a project how to work here. Never a secret."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note
from counterfoil.cli.talking import Options

_SKILLS: Final = (".agents/skills", ".claude/skills")
"""Where agents look for skills: most of them in the first, Claude Code in the second."""

_MCP: Final = ".mcp.json"
_SERVERS: Final = "mcpServers"
_NAME: Final = "counterfoil"

_SKILL: Final = """\
---
name: counterfoil
description: Work with content, content types and access tokens on a Counterfoil server by the \
`counterfoil` command. Use it to list, edit and publish entries, to export content type schemas, \
to see what a token may do, and to find tokens that were committed by mistake.
---

# Counterfoil

You act by a token that somebody gave you. It may do what `counterfoil auth status --json` says, and
no more; what you do is on record under its name.

- Find the command first: `counterfoil help --json` lists every command with its options and the
  scopes that it needs. `counterfoil help COMMAND` explains one.
- Add `--json` for results and failures as data. Nothing ever waits for an answer off a terminal.
- Before you change something, run it with `--dry-run`, and say what would happen.
- Read the failure: it says what to do. Exit codes: {exits}.
- A missing scope is not worked around. Tell the person which scope is missing and why you want it.
- Never print, store or commit a secret, and never pass one as an argument. `counterfoil scan .`
  finds what slipped in.
- There are tools for the same over MCP: `counterfoil mcp`.
- All else is explained by the server itself: `/llms.txt` at its address leads to every page.
"""


def tell_agents(folder: Path, options: Options) -> None:
    """Write a skill and an MCP block into a project; what is there already stays.

    Raises:
        Stop: exit 7 if an MCP block of ours says something else, exit 3 if a file cannot be used.
    """
    exits = ", ".join(f"{int(code)} {code.name.lower().replace('_', ' ')}" for code in Exit)
    skill = _SKILL.format(exits=exits)
    files = {folder / place / _NAME / "SKILL.md": skill for place in _SKILLS}
    files[folder / _MCP] = _with_ours(folder / _MCP, _block(options))
    try:
        for path, text in files.items():
            note(f"{_put(path, text, dry=options.dry_run)}  {path.relative_to(folder)}")
    except OSError as error:
        raise Stop(Exit.CONFIG, f"{error.filename} cannot be written ({error.strerror})") from None
    if options.dry_run:
        return
    note("No secret was written: the token comes from where `counterfoil auth login` keeps it.")
    note("Give the agent a token of its own, and its profile to the block: --profile NAME.")


def _block(options: Options) -> dict[str, Any]:
    arguments = ["mcp"]
    if options.url:
        arguments += ["--url", options.url]
    if options.profile:
        arguments += ["--profile", options.profile]
    return {"command": "counterfoil", "args": arguments}


def _with_ours(path: Path, block: Mapping[str, Any]) -> str:
    """Return the file with our block in it, and all that others put there."""
    try:
        whole = json.loads(path.read_bytes()) if path.exists() else {}
    except (OSError, ValueError, RecursionError):
        whole = None
    servers = whole.setdefault(_SERVERS, {}) if isinstance(whole, dict) else None
    if not isinstance(servers, dict):
        raise Stop(Exit.CONFIG, f"{path} cannot be read, and is left as it is", "Mend or move it.")
    if servers.get(_NAME, block) != block:
        raise Stop(
            Exit.CONFLICT,
            f"{path} has another block for {_NAME}, and is left as it is",
            "Take it out first, or change it by hand.",
        )
    servers[_NAME] = block
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _put(path: Path, text: str, *, dry: bool) -> str:
    """Write a file where no link leads elsewhere, and say what became of it."""
    if path.is_file() and not path.is_symlink() and path.read_text() == text:
        return "up-to-date"
    known = path.is_file()
    if dry:
        return "would be updated" if known else "would be created"
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o644), "w") as file:
        file.write(text)
    return "updated   " if known else "created   "

"""Write the generated pages below docs/reference, or with --check say which are stale.

A page is a function that returns its text. To add one, put it into PAGES.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tools import acceptance, client, commands, gate, manual, middleware, reference
from tools.tracked import ROOT

REFERENCE = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "acceptance.md": acceptance.page,
    "authorization.md": reference.authorization_page,
    "client.md": client.client_page,
    "commands.md": commands.commands_page,
    "errors.md": reference.errors_page,
    "gate.md": gate.gate_page,
    "middleware.md": middleware.middleware_page,
    "openapi.json": reference.openapi_page,
    "operations.md": reference.operations_page,
    "presets.md": manual.presets_page,
    "roles.md": manual.roles_page,
    "settings.md": manual.settings_page,
    "tokens.md": manual.token_page,
}


def main() -> int:
    """Write or check every page; 1 if one is stale."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail if stale")
    check = parser.parse_args().check
    stale = [name for name, page in PAGES.items() if _on_disk(name) != page()]
    for name in stale:
        if not check:
            (REFERENCE / name).write_text(PAGES[name]())
        print(f"docs/reference/{name}: {'stale, run `make docs`' if check else 'written'}")
    return bool(stale) and check


def _on_disk(name: str) -> str:
    path = REFERENCE / name
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())

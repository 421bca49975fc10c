"""What stands beside a secret about keeping it, done as it is said (G12a, G12b, G12c)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cli.scripts import plain_environment
from support.browse import At
from support.web import only


@pytest.fixture(autouse=True)
def room(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Let people have what they began with, before and after."""
    only(own, tokens.values())
    yield
    only(own, tokens.values())


@pytest.fixture
def typed(tmp_path: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Return what types a line in a new repository of somebody's."""
    project = tmp_path / "project"
    project.mkdir()
    environment = plain_environment(Path(sys.executable).parent, tmp_path)

    def type_(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", "-c", f"umask 077; {line}"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert shutil.which("git")
    assert type_("git init -q").returncode == 0
    return type_


def tab(at: At, key: str, name: str) -> list[str]:
    """Open one of the ways to use a secret; return what is to be pasted."""
    at.page.get_by_role("tab", name=name).click()
    expect(at.page.locator(f"#use-{key}")).to_be_visible()
    return at.page.locator(f"#use-{key} pre").all_inner_texts()


def test_advice_stands_beside_the_secret(
    browse: Callable[..., At], typed: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    """The page says where a secret belongs; what it pastes works, and git never sees it.

    The file is read as an environment and as a secret file; forced into git it is found before
    the commit (G12a, G12b, G12c).
    """
    at = browse("Ann")
    at.goto("/tokens/new?template=website-build&name=kept")
    at.page.get_by_role("button", name="Create token").click()
    main = at.page.get_by_role("main")
    expect(main).to_contain_text("Keep it in a secret store, or in a file that only you can read")
    secret = at.page.locator("#secret").inner_text()
    variables, ignored = tab(at, "env", ".env")
    expect(main).to_contain_text("Git shall never see it")
    at.accessible()
    at.shot("secret-env")
    assert typed(f"cat > .env <<'END'\n{variables}\nEND").returncode == 0
    named = typed("set -a; . ./.env; counterfoil auth status")
    assert "kept (personal)" in named.stdout, named.stderr
    filed = typed(
        "sed -n 's/^COUNTERFOIL_TOKEN=//p' .env > kept.token; . ./.env; unset COUNTERFOIL_TOKEN;"
        " export COUNTERFOIL_URL; COUNTERFOIL_TOKEN_FILE=kept.token counterfoil auth status"
    )
    assert filed.returncode == 0, filed.stderr
    assert typed("rm kept.token").returncode == 0
    first, scan = ignored.splitlines()
    assert typed(first).returncode == 0
    assert typed("git add -A; git diff --cached --name-only").stdout.split() == [".gitignore"]
    assert typed(scan).returncode == 0
    assert typed("cp .env notes.txt").returncode == 0
    found = typed(scan)
    assert (found.returncode, "notes.txt" in found.stdout) == (1, True), found.stdout
    assert secret not in found.stdout + found.stderr
    typed("git add --force .env")
    staged = "git diff --cached --name-only -z --diff-filter=d | xargs -0 -r counterfoil scan"
    assert typed(staged).returncode != 0

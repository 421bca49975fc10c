"""`counterfoil scan`, as it is typed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.conftest import Type
from counterfoil.secret import Kind, Secret

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text())
ROOT = Path(__file__).parents[2]
GITLEAKS = Path(sys.executable).with_name("gitleaks")


def minted(seed: int, kind: Kind = Kind.PERSONAL) -> str:
    return Secret.mint(kind, lambda length: bytes([seed] * length)).reveal()


def test_what_is_found_is_named_and_not_shown(typed: Type, tmp_path: Path) -> None:
    """A token ends the scan with 1, its place and hint are printed, and it is not (G12c, A19)."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text(f"x = 1\ntoken = '{minted(1)}'\n")
    ran = typed("scan", "src")
    assert ran.code == 1
    assert ran.out == f"src/a.py:2:10\tpersonal token\tcfp_…{minted(1)[-4:]}\n"
    assert "1 token in 1 place" in ran.err
    assert minted(1) not in ran.out + ran.err
    ran = typed("scan", "src", "--json")
    (row,) = json.loads(ran.out)
    assert (row["path"], row["line"], row["column"], row["offset"]) == ("src/a.py", 2, 10, 15)


def test_nothing_found_is_success(typed: Type, tmp_path: Path) -> None:
    """Made-up examples, however like, end with 0 and say how much was read (G12c)."""
    (tmp_path / "a").write_text("cfp_" + "a" * 49)
    (tmp_path / "b").write_text("")
    ran = typed("scan", ".", "--exclude", "home", "--exclude", "stdin")
    assert (ran.code, ran.out) == (0, "")
    assert "no token in 2 files" in ran.err


def test_standard_input_is_scanned(tmp_path: Path) -> None:
    """`-` scans what is piped in, be it binary (G12c)."""
    command = [str(Path(sys.executable).with_name("counterfoil")), "scan", "-"]
    piped = b"\xff\xfe\n" + minted(2, Kind.SERVICE).encode()
    ran = subprocess.run(command, input=piped, capture_output=True, check=False, cwd=tmp_path)
    assert (ran.returncode, ran.stdout.decode()) == (
        1,
        f"(standard input):2:1\tAPI token\tcfs_…{piped[-4:].decode()}\n",
    )


def test_what_cannot_be_read_is_no_clean_bill(typed: Type, tmp_path: Path) -> None:
    """An unreadable file ends the scan with 3, and the others are scanned nevertheless (G12c)."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "clean").write_text("x")
    ran = typed("scan", "pipe", "clean")
    assert ran.code == 3
    assert "! pipe was not read (is no regular file)" in ran.err
    (tmp_path / "bad").write_text(minted(3))
    assert typed("scan", "pipe", "bad").code == 1
    assert typed("scan", "nowhere").code != 0
    assert typed("scan").code == 2


def test_the_history_is_scanned(typed: Type, tmp_path: Path) -> None:
    """`--history` finds what a later commit removed, with its path (G12c)."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@b.c"]
    (tmp_path / "conf").write_text(minted(4))
    for command in (["init", "-q"], ["add", "conf"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    (tmp_path / "conf").write_text("")
    assert typed("scan", "conf").code == 0
    ran = typed("scan", "conf", "--history")
    assert ran.code == 1
    assert re.fullmatch(
        rf"git:[0-9a-f]{{12}}:conf:1:1\tpersonal token\tcfp_…{minted(4)[-4:]}\n", ran.out
    )
    assert typed("scan", "conf", "--history", "--exclude", "con*").code == 0


def test_what_is_missing_hides_nothing(typed: Type, tmp_path: Path) -> None:
    """Of a history with holes all that is found is named, in files and in it, with 1 (G12c)."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=A", "-c", "user.email=a@b.c"]
    (tmp_path / "conf").write_text(minted(7))
    (tmp_path / "gone").write_text("gone")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    ran = subprocess.run([*git, "hash-object", "gone"], check=True, capture_output=True, text=True)
    name = ran.stdout.strip()
    (tmp_path / ".git" / "objects" / name[:2] / name[2:]).unlink()
    seen = typed("scan", "conf", "--history")
    assert seen.code == 1
    assert "conf:1:1\t" in seen.out
    assert re.search(r"^git:[0-9a-f]{12}:\(path unknown\):1:1\t", seen.out, re.MULTILINE)
    assert f"missing blob object '{name}'" in seen.err


def test_no_history_is_a_failure(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no repository, `--history` says so and ends with 3 (G12c)."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a").write_text("x")
    ran = typed("scan", "a", "--history")
    assert ran.code == 3
    assert "not a git repository" in ran.err


def test_the_hook_does_what_pre_commit_runs(tmp_path: Path) -> None:
    """Our pre-commit hook, given the staged files, refuses those with a token (G12c)."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["types"]) == ("counterfoil-scan", "python", ["file"])
    (tmp_path / "a").write_text("clean")
    (tmp_path / "b").write_text(minted(5))
    program, *rest = shlex.split(hook["entry"])
    command = [str(Path(sys.executable).with_name(program)), *rest]
    for files, code in ((["a"], 0), (["a", "b"], 1)):
        ran = subprocess.run([*command, *files], cwd=tmp_path, check=False, capture_output=True)
        assert ran.returncode == code, ran.stderr


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """Return a directory whose files hold every vector, as programs and settings would."""
    folder = tmp_path / "examples"
    folder.mkdir()
    for number, vector in enumerate(VECTORS):
        if vector["prefix"] == "cf":
            (folder / f"{number}.py").write_text(f"TOKEN = '{vector['token']}'\n")
            (folder / f"{number}.env").write_text(f"export COUNTERFOIL_TOKEN={vector['token']}\n")
            (folder / f"{number}.json").write_text(json.dumps({"token": vector["token"]}))
    return folder


def gitleaks(folder: Path, rules: Path) -> list[dict[str, Any]]:
    report = folder.parent / "report.json"
    subprocess.run(
        [
            GITLEAKS, "dir", folder, "--config", rules, "--report-path", report,
            "--report-format", "json", "--exit-code", "0", "--no-banner", "--log-level", "error",
        ],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(report.read_text())
    return found


@pytest.mark.slow
def test_the_real_gitleaks_finds_every_vector(typed: Type, examples: Path, tmp_path: Path) -> None:
    """Gitleaks itself, by the rules that we print, finds each token in code and settings (S2)."""
    rules = tmp_path / "gitleaks.toml"
    rules.write_text(typed("scan", "--rules", "gitleaks").out)
    ours = [one for one in gitleaks(examples, rules) if one["RuleID"] == "counterfoil-token"]
    wanted = {vector["token"] for vector in VECTORS if vector["prefix"] == "cf"}
    assert len(wanted) > 5
    assert {one["Secret"] for one in ours} == wanted
    assert len({one["File"] for one in ours}) == 3 * len(wanted)


def test_the_patterns_for_github_find_every_vector(typed: Type) -> None:
    """Each type that GitHub is told matches the vectors of its kind alone, and whole (S2, S15)."""
    told = json.loads(typed("scan", "--rules", "github").out)
    for vector in VECTORS:
        if vector["prefix"] != "cf":
            continue
        fits = [
            one["type"]
            for one in told["types"]
            if re.findall(one["pattern"], f"a={vector['token']};") == [vector["token"]]
        ]
        assert len(fits) == 1
    assert len({one["type"] for one in told["types"]}) == len(Kind) == len(told["types"])
    assert not re.search(r"\(\?[=!<]", json.dumps(told))  # Hyperscan looks neither ahead nor back


def test_another_prefix_has_other_rules(typed: Type) -> None:
    """An installation with a prefix of its own gets rules for it; a wrong one is refused (S2)."""
    assert r"\bacme[psxorkig]_" in typed("scan", "--rules", "gitleaks", "--prefix", "acme").out
    assert typed("scan", "--rules", "github", "--prefix", "A").code == 2

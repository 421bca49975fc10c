"""Command scripts: what is typed, and what is seen.

    # anything                a remark
    $ counterfoil pat list    typed into bash; exits 0 unless the next line says otherwise
    ! 4                       it exits 4
    > ^tok_                   a line of its standard output matches
    !> cfp_                   none does
    2> approved               a line of its standard error matches
    !2> cfp_                  none does
    = SECRET                  its standard output is $SECRET from here on

Patterns are regular expressions in which $NAME stands for the value of a variable.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_CHECK: Final = re.compile(r"(!?2?>|!|=) (.+)")
_PATIENCE_S: Final = 60


@dataclass
class Typed:
    """One command and what is expected of it."""

    line: int
    command: str
    code: int = 0
    seen: list[tuple[str, str]] = field(default_factory=list)
    keep: str = ""


def read(text: str) -> Iterator[Typed]:
    """Yield the commands of a script."""
    current: Typed | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            if current:
                yield current
            current = Typed(number, line[2:])
        elif line and not line.startswith("#"):
            found = _CHECK.fullmatch(line)
            assert found, f"line {number} is no line of a script: {line}"
            assert current, f"line {number} comes before any command"
            mark, value = found.groups()
            if mark == "!":
                current.code = int(value)
            elif mark == "=":
                current.keep = value
            else:
                current.seen.append((mark, value))
    assert current, "the script types nothing"
    yield current


def play(script: Path, environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Type a script and see that everything is as it says; return its variables."""
    variables = dict(environment)
    for typed in read(script.read_text()):
        ran = subprocess.run(
            ["/bin/bash", "-c", typed.command],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
        )
        where = f"{script.name}:{typed.line}: {typed.command}\n{ran.stdout}{ran.stderr}"
        assert ran.returncode == typed.code, f"exit {ran.returncode}, not {typed.code}\n{where}"
        for mark, pattern in typed.seen:
            stream = ran.stderr if "2" in mark else ran.stdout
            lines = stream.splitlines()
            hit = any(re.search(_filled(pattern, variables), line) for line in lines)
            assert hit is not mark.startswith("!"), f"{mark} {pattern}\n{where}"
        if typed.keep:
            variables[typed.keep] = ran.stdout.strip()
    return variables


def _filled(pattern: str, variables: Mapping[str, str]) -> str:
    """Put the values of variables into a pattern."""
    return re.sub(r"\$([A-Z_]+)", lambda name: re.escape(variables[name[1]]), pattern)


def plain_environment(binaries: Path, home: Path) -> dict[str, str]:
    """Return an environment with our programs, and nothing of whoever runs the tests."""
    kept = {
        name: os.environ[name] for name in ("LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ
    }
    return {
        **kept,
        "PATH": f"{binaries}:/usr/bin:/bin",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }

"""Our form of tokens, as other people's scanners are told it."""

from __future__ import annotations

import json
from typing import Final

from counterfoil.scan.find import NAMES
from counterfoil.secret import BODY_CHARS, CHECK_CHARS, DEFAULT_PREFIX, Kind, pattern

ADVICE: Final = "Revoke it at once: whoever holds it can use it until then."


def gitleaks(prefix: str = DEFAULT_PREFIX) -> str:
    """Return the configuration of gitleaks that finds this installation's tokens, beside its own.

    It knows no checksum, so an example that was made up is found as well.
    """
    keywords = ", ".join(f'"{prefix}{kind}_"' for kind in Kind)
    return (
        'title = "Counterfoil"\n\n'
        "[extend]\n"
        "useDefault = true\n\n"
        "[[rules]]\n"
        'id = "counterfoil-token"\n'
        f'description = "A token of Counterfoil. {ADVICE}"\n'
        f"regex = '''{pattern(prefix)}'''\n"
        f"keywords = [{keywords}]\n"
        'tags = ["counterfoil", "token"]\n'
    )


def github(prefix: str = DEFAULT_PREFIX) -> str:
    """Return what GitHub's secret scanning partner program asks for: each type with its pattern.

    https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program
    The same patterns serve as custom patterns of an organization's own secret scanning.
    """
    types = [
        {
            "type": f"counterfoil_{NAMES[kind].replace(' ', '_').replace('-', '_').lower()}",
            "name": f"Counterfoil {NAMES[kind]}",
            "pattern": pattern(prefix).replace(f"[{''.join(Kind)}]", kind.value),
        }
        for kind in Kind
    ]
    checksum = (
        f"The last {CHECK_CHARS} characters are CRC32 (IEEE) of all before them, in base62"
        " (0-9A-Za-z), the most significant digit first, padded with 0; the"
        f" {BODY_CHARS} before those are 256 random bits, likewise."
    )
    return json.dumps({"types": types, "checksum": checksum}, indent=2) + "\n"


RULES: Final = {"gitleaks": gitleaks, "github": github}

"""A shipped configuration, whole and with where things are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.snippets.kinds import Snippet
from counterfoil.snippets.place import Place, split

SHIPPED: Final = Path(__file__).parent / "deploy"
"""Where a wheel brings the configurations along."""
_WRITTEN: Final = Path(__file__).parents[3] / "deploy"
"""Where a checkout has them."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A file by its name, and what is pasted into it."""

    name: str
    text: str


def pasted(snippet: Snippet, place: Place, deploy: Path | None = None) -> tuple[Pasted, ...]:
    """Return what is pasted, file by file.

    Args:
        snippet: one of `SNIPPETS`.
        place: where things are.
        deploy: the configurations; those that we ship if none are named.
    """
    root = deploy or configurations()
    said = f"# Counterfoil and {place.known_as}\n"
    files = [Pasted(Path(name).name, _read(root, name)) for name in snippet.files]
    wholes = [(one.name, "\n".join(_whole(root, snippet, one.text)) + "\n") for one in files]
    return tuple(Pasted(name, said + filled(text, place)) for name, text in wholes)


def configurations() -> Path:
    """Return where the configurations are that we ship."""
    return SHIPPED if SHIPPED.is_dir() else _WRITTEN


def filled(text: str, place: Place) -> str:
    """Return a configuration with where things are, in place of what it shows."""
    real = _real(place)
    shown = re.compile("|".join(map(re.escape, sorted(real, key=len, reverse=True))))
    return shown.sub(lambda found: real[found[0]], text)


def _real(place: Place) -> Mapping[str, str]:
    return {
        "api_0000000000000000": place.id,
        "listen 8080": f"listen {place.port}",
        "http://:8080": f"http://:{place.port}",
        '":8080"': f'":{place.port}"',
        "port_value: 8080": f"port_value: {place.port}",
        "127.0.0.1:8000": place.upstream,
        "127.0.0.1:8401": place.gate,
        "address: 127.0.0.1, port_value: 8000": _in_envoy(place.upstream),
        "address: 127.0.0.1, port_value: 8401": _in_envoy(place.gate),
        '"/srv/counterfoil"': json.dumps(place.data_dir, ensure_ascii=False),
    }


def _in_envoy(address: str) -> str:
    host, port = split(address)
    return f'address: "{host}", port_value: {port}'


def _whole(root: Path, snippet: Snippet, text: str) -> Iterator[str]:
    """Yield the lines of a file; where it brings another in, that one's."""
    brings = dict(snippet.brings)
    for line in text.splitlines():
        brought = brings.get(line.strip())
        if brought is None:
            yield line
            continue
        indent = line[: len(line) - len(line.lstrip())]
        for inner in _body(_read(root, brought)):
            yield f"{indent}{inner}" if inner else ""


def _body(text: str) -> list[str]:
    """Return the lines of a file below what it says on top of how to bring it in."""
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if not line.startswith("#"))
    return lines[first + (not lines[first]) :]


def _read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")

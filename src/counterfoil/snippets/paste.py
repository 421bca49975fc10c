"""A shipped configuration, whole and with where things are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.snippets.kinds import Snippet
from counterfoil.snippets.whereabouts import Whereabouts, split

SHIPPED: Final = Path(__file__).parent / "deploy"
"""Where a wheel brings the configurations along."""
_WRITTEN: Final = Path(__file__).parents[3] / "deploy"
"""Where a checkout has them."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A file by its name, and what is pasted into it."""

    name: str
    text: str


class NotShownError(LookupError):
    """A configuration lacks what it should show, so where things are would stand nowhere in it."""

    def __init__(self, label: str, missing: Iterable[str]) -> None:
        super().__init__(f"{label} shows no {', no '.join(sorted(missing))}")


def pasted(snippet: Snippet, where: Whereabouts, deploy: Path | None = None) -> tuple[Pasted, ...]:
    """Return what is pasted, file by file.

    Args:
        snippet: one of `SNIPPETS`.
        where: where things are.
        deploy: the configurations; those that we ship if none are named.

    Raises:
        NotShownError: if a configuration does not show something of that.
        Invalid: the gate listens at a Unix socket, and this proxy asks at none.
    """
    root = deploy or configurations()
    said = f"# Counterfoil and {where.known_as}\n"
    texts = ["\n".join(_whole(root, snippet, _read(root, one))) + "\n" for one in snippet.files]
    names = [Path(one).name for one in snippet.files]
    return tuple(
        Pasted(name, said + text)
        for name, text in zip(names, filled(snippet, texts, where), strict=True)
    )


def configurations() -> Path:
    """Return where the configurations are that we ship."""
    return SHIPPED if SHIPPED.is_dir() else _WRITTEN


def filled(snippet: Snippet, texts: Iterable[str], where: Whereabouts) -> list[str]:
    """Return a snippet's files with where things are, in place of what they show.

    Raises:
        NotShownError, Invalid: as `pasted` says.
    """
    real = _real(where, _gate(snippet, where))
    missing = set(snippet.shows)

    def put(found: re.Match[str]) -> str:
        missing.discard(found[0])
        return real[found[0]]

    longest_first = sorted(snippet.shows, key=len, reverse=True)
    shown = re.compile("|".join(map(re.escape, longest_first)))
    done = [shown.sub(put, text) for text in texts]
    if missing:
        raise NotShownError(snippet.label, missing)
    return done


def _gate(snippet: Snippet, where: Whereabouts) -> str:
    """Return how a snippet names where the gate listens."""
    if not where.gate_path:
        return where.gate
    if snippet.at and not snippet.socket:
        told = sentence("%(proxy)s asks at a host and port alone, and at no Unix socket.",
                        proxy=snippet.label)  # fmt: skip
        raise Invalid(Code.INVALID_FIELD, told, field="/gate")
    return snippet.socket.format(where.gate_path)


def _real(where: Whereabouts, gate: str) -> Mapping[str, str]:
    """Return what a snippet has for what it shows; names that are one API's own among it."""
    ours, path = f"counterfoil_{where.id}", where.gate_path
    kind = "STATIC" if path else "STRICT_DNS"
    endpoint = f'pipe: {{ path: "{path}" }}' if path else _endpoint(where.gate)
    return {
        "api_0000000000000000": where.id,
        "upstream counterfoil {": f"upstream {ours} {{",
        "http://counterfoil/": f"http://{ours}/",
        "(counterfoil)": f"({ours})",
        "import counterfoil ": f"import {ours} ",
        "listen 8080": f"listen {where.port}",
        "http://:8080": f"http://:{where.port}",
        '":8080"': f'":{where.port}"',
        "port_value: 8080": f"port_value: {where.port}",
        "127.0.0.1:8000": where.upstream,
        "127.0.0.1:8401": gate,
        "address: 127.0.0.1, port_value: 8000": _in_envoy(where.upstream),
        "name: counterfoil\n      type: STRICT_DNS": f"name: counterfoil\n      type: {kind}",
        "socket_address: { address: 127.0.0.1, port_value: 8401 }": endpoint,
        '"/srv/counterfoil"': json.dumps(where.data_dir, ensure_ascii=False),
    }


def _in_envoy(address: str) -> str:
    host, port = split(address)
    return f'address: "{host}", port_value: {port}'


def _endpoint(address: str) -> str:
    return f"socket_address: {{ {_in_envoy(address)} }}"


def _whole(root: Path, snippet: Snippet, text: str) -> Iterator[str]:
    """Yield the lines of a file; where it brings another in, that one's."""
    brings = dict(snippet.brings)
    for line in text.splitlines():
        brought = brings.pop(line.strip(), None)
        if brought is None:
            yield line
            continue
        indent = line[: len(line) - len(line.lstrip())]
        for inner in _body(_read(root, brought)):
            yield f"{indent}{inner}" if inner else ""
    if brings:
        raise NotShownError(snippet.label, brings)


def _body(text: str) -> list[str]:
    """Return the lines of a file below what it says on top of how to bring it in."""
    lines = text.splitlines()
    first = next(at for at, line in enumerate(lines) if not line.startswith("#"))
    return lines[first + (not lines[first]) :]


def _read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")

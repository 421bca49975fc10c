"""`/llms.txt`: where a program that reads begins (llmstxt.org), made of what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from counterfoil.jsonapi.route import Route
from counterfoil.manual import pages

_SAID: Final = """\
# Counterfoil

> Issues, approves, scopes, restricts, verifies, expires, revokes and audits access tokens, for \
the content that this server keeps and for any HTTP API behind its gate.

Send a token as `Authorization: Bearer …`, never in an address. `GET {base}/cma/token` says what \
it may do, `GET {base}/cma/token/can?filter[scope]=content:publish` whether it can do one thing. \
A failure names its code; a missing scope is asked for and not worked around. What a token does \
is on record under its name. The `counterfoil` command does all of it from a shell: \
`counterfoil help --json`.
"""
_FOLDERS: Final = (
    ("tutorial", "Learn by doing"),
    ("how-to", "Get one thing done"),
    ("reference", "Look something up"),
    ("explanation", "Understand why it is so"),
    ("decisions", "Optional"),
)
"""What may be left out where there is little room stands under `Optional`, as the form asks for."""


def text(routes: Iterable[Route], base: str, at: str) -> str:
    """Return the page, for a server at `base` whose documentation stands at the path `at`."""
    return "\n".join((_SAID.format(base=base), *_sections(routes, base, at)))


def _sections(routes: Iterable[Route], base: str, at: str) -> Iterator[str]:
    yield _section("The server itself", (_line(one.summary, base + one.path) for one in routes
                                         if _is_open(one)))  # fmt: skip
    for folder, heading in _FOLDERS:
        listed = [_line(one.title, f"{base}{at}/{one.path}", one.about) for one in
                  pages.told(folder)]  # fmt: skip
        if listed:
            yield _section(heading, listed)


def _is_open(route: Route) -> bool:
    """Say whether anybody who knows the address alone is answered."""
    asks = route.parts or route.fails or any(one.required for one in route.query)
    return route.open and route.method == "GET" and not route.page and not asks


def _section(heading: str, lines: Iterable[str]) -> str:
    return "\n".join((f"## {heading}\n", *lines, ""))


def _line(title: str, address: str, about: str = "") -> str:
    said = f": {about}" if about else ""
    return f"- [{title.rstrip('.')}]({address}){said}"

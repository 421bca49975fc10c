"""Style, scripts and pictures, each under a name that changes with its bytes: kept for good.

Ours lie in `static/`; what others publish is fetched by the build, as `package-lock.json` says, and
is in no commit.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from counterfoil.jsonapi.parameter import TEXT, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound

_HERE: Final = Path(__file__).parent
_OURS: Final = _HERE / "static"
THEIRS: Final = _HERE / "static" / "vendor"
PATH: Final = "/static"

_HASH_CHARS: Final = 12
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
    }
)


@cache
def files() -> MappingProxyType[str, tuple[str, bytes]]:
    """Return each file with the name that it is served under, by its own name."""
    found: dict[str, tuple[str, bytes]] = {}
    for path in sorted((*_OURS.iterdir(), *THEIRS.iterdir())):
        if path.suffix in _TYPES:
            raw = path.read_bytes()
            known_by = hashlib.sha256(raw).hexdigest()[:_HASH_CHARS]
            found[path.name] = f"{path.stem}.{known_by}{path.suffix}", raw
    return MappingProxyType(found)


@cache
def _served() -> dict[str, bytes]:
    return dict(files().values())


def address(name: str) -> str:
    """Return where a file is served."""
    return f"{PATH}/{files()[name][0]}"


def serve(asked: Asked) -> Answer:
    """Serve a file; an older name, or any other, is nothing."""
    name = asked.params["name"]
    raw = _served().get(name)
    if raw is None:
        raise NotFound(Code.NOT_FOUND, "There is no such file.")
    headers = {"Content-Type": _TYPES[Path(name).suffix], "Cache-Control": _FOR_GOOD}
    return Answer(200, raw, headers)


ROUTE: Final = Route(
    "GET",
    f"{PATH}/{{name}}",
    serve,
    "",
    "A file of the pages.",
    gives={200: bytes},
    parts=(Parameter("name", "Its name, with a piece of its digest.", TEXT, "app.css"),),
    section="Server",
    open=True,
    page="anybody",
    media="application/octet-stream",
)

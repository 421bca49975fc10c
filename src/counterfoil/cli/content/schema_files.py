"""The files of content type schemas, in the layout that Amplience's dc-cli writes and reads.

<dir>/article.json                {"body": "./schemas/article-schema.json", "schemaId": …}
<dir>/schemas/article-schema.json the JSON Schema itself
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from counterfoil.cli.exits import Exit, Stop

_UNFIT: Final = re.compile(r"[^a-z0-9]+")
_API_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LARGEST: Final = 1024 * 1024
_NAME_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One described schema, read from below a directory."""

    path: Path
    schema_id: str
    body: Mapping[str, Any]

    @property
    def api_key(self) -> str:
        """What a type that is made from it is called by programs: as its file is."""
        key = _UNFIT.sub("_", self.path.stem.lower()).strip("_")
        if not _API_KEY.fullmatch(key):
            raise _unusable(self.path, "its name makes no api_key: let it begin with a letter")
        return key

    @property
    def name(self) -> str:
        """What such a type is called by people: its title, or as its file is."""
        title = self.body.get("title")
        said = title.strip() if isinstance(title, str) and title.isprintable() else ""
        return said[:_NAME_CHARS] or self.path.stem

    def says(self, body: Mapping[str, Any]) -> bool:
        """Say whether a schema is the same, in whatever order its members stand."""
        return _canonical(self.body) == _canonical(body)


def read_all(directory: Path) -> list[SchemaFile]:
    """Read every description in a directory with its schema; all of them, or none.

    Raises:
        Stop: naming the first file that cannot be used.
    """
    found = [_read(path, directory) for path in sorted(directory.glob("*.json"))]
    if not found:
        message = f"{directory} holds no descriptions of schemas (*.json)"
        raise Stop(Exit.FAILED, message)
    for name, told in (("schemaId", "schema_id"), ("api_key", "api_key")):
        seen: set[str] = set()
        for one in found:
            value = getattr(one, told)
            if value in seen:
                raise _unusable(one.path, f"another file has the {name} {value} already")
            seen.add(value)
    return found


def _read(path: Path, directory: Path) -> SchemaFile:
    described = _object(path)
    schema_id, body = described.get("schemaId"), described.get("body")
    if not isinstance(schema_id, str) or not isinstance(body, str):
        raise _unusable(path, "it has no schemaId and body, each a string")
    if body.lstrip().startswith("{"):
        return SchemaFile(path, schema_id, _parsed(body, path))
    place = path.parent / body
    if not place.resolve().is_relative_to(directory.resolve()):
        raise _unusable(path, "its body lies outside of the directory")
    return SchemaFile(path, schema_id, _object(place))


def _object(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise _unusable(path, error.strerror or "it cannot be read") from None
    if len(raw) > _LARGEST:
        raise _unusable(path, "it is larger than 1 MiB")
    return _parsed(raw, path)


def _parsed(text: str | bytes, path: Path) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise _unusable(path, "it is no JSON") from None
    if not isinstance(value, dict):
        raise _unusable(path, "it is no JSON object")
    return value


def _canonical(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


def _unusable(path: Path, why: str) -> Stop:
    return Stop(Exit.FAILED, f"{path} cannot be used: {why}", "Nothing was sent.")

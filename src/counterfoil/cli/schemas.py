"""`counterfoil content-type-schema export`: one file for each content type, and one for its schema.

    <dir>/article.json                {"body": "./schemas/article-schema.json", "schemaId": …}
    <dir>/schemas/article-schema.json the JSON Schema itself

The layout is the one that Amplience's dc-cli writes and reads (A16).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import note, put_json, put_rows
from counterfoil.cli.talking import Asked, open_client, talks
from counterfoil.client.model import ContentTypeSchema

_UNFIT: Final = re.compile(r"[^a-z0-9_-]+")


@click.group()
def schemas() -> None:
    """The JSON Schemas of content types."""


@schemas.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--schemaId", "--schema-id", "wanted", multiple=True, help="Only what matches this.")
@talks
def export(asked: Asked, as_json: bool, directory: Path, wanted: tuple[str, ...]) -> None:
    """Write the schemas of all content types below DIRECTORY."""
    patterns = [_pattern(text) for text in wanted]
    with open_client(asked) as client:
        found = [
            schema
            for schema in client.content_type_schemas()
            if not patterns or any(pattern.search(schema.schema_id) for pattern in patterns)
        ]
    rows = list(_write(directory, sorted(found, key=lambda schema: schema.schema_id)))
    if as_json:
        keys = ("file", "schemaId", "status")
        put_json([dict(zip(keys, row, strict=True)) for row in rows])
        return
    put_rows(("FILE", "SCHEMA ID", "STATUS"), rows)
    note(f"✓ {len(rows)} content type schemas in {directory}")


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        message = f"{text!r} is not a regular expression: {error}."
        raise click.BadParameter(message, param_hint="--schemaId") from None


def _write(directory: Path, found: list[ContentTypeSchema]) -> Iterator[tuple[str, str, str]]:
    taken: set[str] = set()
    for schema in found:
        name = _file_name(schema, taken)
        body = f"schemas/{name}-schema.json"
        description = {
            "body": f"./{body}",
            "schemaId": schema.schema_id,
            "validationLevel": "CONTENT_TYPE",
        }
        states = {
            _put(directory / body, schema.body),
            _put(directory / f"{name}.json", description),
        }
        status = next(state for state in ("CREATED", "UPDATED", "UP-TO-DATE") if state in states)
        yield str(directory / f"{name}.json"), schema.schema_id, status


def _file_name(schema: ContentTypeSchema, taken: set[str]) -> str:
    """Return a file name that stays in its directory whatever the server calls the type."""
    name = _UNFIT.sub("-", schema.name.lower()).strip("-") or schema.id
    if name in taken:
        name = f"{name}-{schema.id}"
    taken.add(name)
    return name


def _put(path: Path, value: Any) -> str:  # noqa: ANN401 - any JSON
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    try:
        if path.exists():
            if path.read_text(encoding="utf-8", errors="replace") == text:
                return "UP-TO-DATE"
            path.write_text(text, encoding="utf-8")
            return "UPDATED"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stop(Exit.FAILED, f"{path} cannot be written ({error.strerror})") from None
    return "CREATED"

"""`counterfoil content-type-schema`: one file for each content type, and one for its schema.

    <dir>/article.json                {"body": "./schemas/article-schema.json", "schemaId": …}
    <dir>/schemas/article-schema.json the JSON Schema itself

The layout is the one that Amplience's dc-cli writes and reads (A16).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.content.schema_files import SchemaFile, read_all
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, on_terminal, progress, put_list, put_value, spelled
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.things import each
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.model import ContentTypeSchema

_ID: Final = Prefix.CONTENT_TYPE
_UNFIT: Final = re.compile(r"[^a-z0-9_-]+")


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--schemaId", "--schema-id", "wanted", multiple=True, help="Only what matches this.")
@click.option("--dry-run", is_flag=True, help="Say what would be written; write nothing.")
@talks
def export(options: Options, directory: Path, wanted: tuple[str, ...]) -> None:
    """Write the schemas of all content types below DIRECTORY."""
    patterns = [_pattern(text) for text in wanted]
    with open_client(options) as client:
        known = list(progress(client.content_types.schemas(), "Reading"))
    found = _chosen(known, patterns)
    try:
        ordered = sorted(found, key=lambda schema: schema.schema_id)
        written = _write(directory, ordered, dry_run=options.dry_run)
        rows = list(progress(written, "Exporting", len(ordered)))
    except OSError as error:
        raise Stop(Exit.FAILED, _unwritable(directory, error)) from None
    _put_rows(rows)
    if not chosen().is_data:
        done = "would be written; nothing was" if options.dry_run else f"in {directory}"
        note(f"✓ {len(rows)} content type schemas {done}")


def _chosen(
    known: list[ContentTypeSchema], patterns: list[re.Pattern[str]]
) -> list[ContentTypeSchema]:
    """Return the schemas whose ids match one of the patterns; all if there is none.

    Raises:
        Stop: exit 6 for a pattern that matches nothing.
    """
    for pattern in patterns:
        if not any(pattern.search(schema.schema_id) for schema in known):
            raise Stop(
                Exit.NOT_FOUND,
                f"No schema id matches {pattern.pattern!r}",
                "counterfoil content-type-schema list",
            )
    return [
        schema
        for schema in known
        if not patterns or any(pattern.search(schema.schema_id) for pattern in patterns)
    ]


@click.command("list")
@talks
def list_(options: Options) -> None:
    """List the content types, by name and the address of their schemas."""
    with open_client(options) as client:
        put_list(each(client, "/cma/content_type_schemas"), "id api_key schema_id version")


@click.command()
@click.argument("name")
@talks
def get(options: Options, name: str) -> None:
    """Print one schema, by the type's name, by its schema id or by the type's id.

    In a pipe it is, byte for byte, the file that `export` writes.
    """
    with open_client(options) as client:
        found = next((one for one in client.content_types.schemas() if _is_called(one, name)), None)
    if found is None:
        message = f"There is no content type {name!r}"
        raise Stop(Exit.NOT_FOUND, message, "counterfoil content-type-schema list")
    if chosen().form is not None or on_terminal():
        put_value(found.body)
    else:
        click.echo(_text(found.body), nl=False)


def _is_called(schema: ContentTypeSchema, name: str) -> bool:
    return name in {schema.name, schema.schema_id, schema.id, spelled(_ID, schema.id)}


@click.command("import")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@talks
def import_(options: Options, directory: Path) -> None:
    """Make or change the content types whose schemas are described in DIRECTORY.

    A type that is there is known by its schema id. A new one is called as its file is. Of types
    without a file nothing is changed. A schema that is refused stops none of the others, and the
    command fails.
    """
    from counterfoil.cli.failure import exit_of, tell
    from counterfoil.client.errors import Conflict, Invalid

    files, failures = read_all(directory), list[Exception]()
    with open_client(options) as client:
        known = {schema.schema_id: schema for schema in client.content_types.schemas()}
        rows = []
        for file in progress(files, "Importing", len(files)):
            status, do = _wanted(client, file, known.get(file.schema_id))
            try:
                if not options.dry_run:
                    do()
            except (Conflict, Invalid) as error:
                status = "FAILED"
                note(f"{file.path}:")
                tell(error)
                failures.append(error)
            rows.append((str(file.path), file.schema_id, status))
    _put_rows(rows)
    if failures:
        message = f"{len(failures)} of {len(rows)} content type schemas were refused"
        raise Stop(exit_of(failures[0]), message)
    if not chosen().is_data:
        done = "would be imported; nothing was changed" if options.dry_run else "imported"
        note(f"✓ {len(rows)} content type schemas {done}")


def _wanted(
    client: Client, file: SchemaFile, known: ContentTypeSchema | None
) -> tuple[str, Callable[[], None]]:
    """Return what becomes of a schema, and what does it."""
    if known is None:
        create = partial(client.content_types.define, file.api_key, file.name, file.schema_id)
        return "CREATED", partial(create, file.body)
    if file.says(known.body):
        return "UP-TO-DATE", lambda: None
    return "UPDATED", partial(client.content_types.change, known, file.body)


def _put_rows(rows: list[tuple[str, str, str]]) -> None:
    keys = ("file", "schemaId", "status")
    put_list([dict(zip(keys, row, strict=True)) for row in rows], " ".join(keys))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        message = f"{text!r} is not a regular expression: {error}."
        raise click.BadParameter(message, param_hint="--schemaId") from None


def _write(
    directory: Path, found: list[ContentTypeSchema], *, dry_run: bool
) -> Iterator[tuple[str, str, str]]:
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
            _put(directory / body, schema.body, dry_run=dry_run),
            _put(directory / f"{name}.json", description, dry_run=dry_run),
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


def _text(value: object) -> str:
    """Spell a file as dc-cli does, byte for byte: it compares what it imports by its text."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def _put(path: Path, value: object, *, dry_run: bool) -> str:
    text, there = _text(value), path.exists()
    if there and path.read_text(encoding="utf-8", errors="replace") == text:
        return "UP-TO-DATE"
    if not dry_run:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return "UPDATED" if there else "CREATED"


def _unwritable(directory: Path, error: OSError) -> str:
    """Say that a directory cannot be written, and which file below it if it is one that is there.

    A directory that takes nothing is the whole answer: what we wanted to put in it is our affair.
    """
    failed = Path(error.filename or directory)
    inner = f": {failed}" if failed.exists() and failed != directory else ""
    return f"{directory} cannot be written{inner} ({error.strerror})"

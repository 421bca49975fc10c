"""`counterfoil api call`, or `counterfoil api` alone: any call, by the stored credential."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import put_value
from counterfoil.cli.talking import Options, gathered, open_client, writes
from counterfoil.cli.talking.things import each

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.answer import Answer

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The call that is to be made."""

    method: str
    path: str
    data: str | None
    fields: tuple[str, ...]
    if_match: str | None

    def __post_init__(self) -> None:
        if not self.path.startswith("/"):
            raise click.UsageError("A path begins with a slash: /cma/token.")
        if self.data is not None and self.fields and self.method != "GET":
            raise click.UsageError("Give the body by --data or by --field, not by both.")

    @property
    def query(self) -> dict[str, str]:
        """The query of the address, with the fields of a GET."""
        said = parse_qsl(self.path.partition("?")[2], keep_blank_values=True)
        return dict(said) | (dict(map(_pair, self.fields)) if self.method == "GET" else {})

    @property
    def body(self) -> object | None:
        """The body, if there is one."""
        if self.data is not None:
            return _read(self.data)
        return _nested(self.fields) if self.fields and self.method != "GET" else None

    def made(self, client: Client) -> Answer:
        """Make it."""
        return client.wire.ask(
            self.method,
            self.path.partition("?")[0],
            query=self.query,
            body=self.body,
            headers={} if self.if_match is None else {"if-match": self.if_match},
        )


@click.command()
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--data", help="The body, as JSON; `@FILE` and `-` read it.")
@click.option(
    "-f", "--field", "fields", multiple=True, metavar="NAME=VALUE",
    help="A field of the body, `data.attributes.name=ci`, or of a GET's query; may be repeated.",
)  # fmt: skip
@click.option("--if-match", metavar="ETAG", help='The version that you looked at: `"3"`.')
@click.option("--pick", help="Print this member of the answer alone: `data.attributes.token`.")
@click.option("--paginate", is_flag=True, help="Print all pages of a list as one.")
@writes
@gathered(Call)
def call(options: Options, call: Call, *, paginate: bool, pick: str | None) -> None:
    """Make one call of the API: METHOD and PATH, `counterfoil api GET /cma/token` for instance.

    A secret in the answer is cut down to its hint. It is shown whole to who picks it, so that it
    goes into a variable or a file and onto no screen.
    """
    if paginate and call.method != "GET":
        raise click.UsageError("--paginate is for GET.")
    with open_client(options) as client:
        if paginate:
            put_value(list(each(client, call.path.partition("?")[0], query=call.query)))
            return
        answer = call.made(client)
        document = answer.document
    if pick is not None:
        click.echo(_spelled(_picked(document, pick)))
    elif answer.raw:
        put_value(document)


def _read(data: str) -> object:
    if data == "-":
        raw = sys.stdin.read().encode()
    else:
        raw = Path(data[1:]).read_bytes() if data.startswith("@") else data.encode()
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        message = f"The body is not JSON: {error}."
        raise click.BadParameter(message, param_hint="--data") from None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.BadParameter(f"{text!r} is no NAME=VALUE.", param_hint="--field")
    return name, value


def _nested(fields: tuple[str, ...]) -> dict[str, Any]:
    """Return a body of fields: dots lead inwards; true, false, null and numbers are what they are.

    Raises:
        BadParameter: for a field that stands within another one's value.
    """
    body: dict[str, Any] = {}
    for text in fields:
        name, value = _pair(text)
        *steps, last = name.split(".")
        place = body
        for step in steps:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                message = f"{name!r} stands within another field's value."
                raise click.BadParameter(message, param_hint="--field")
        place[last] = _typed(value)
    return body


def _typed(value: str) -> object:
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return value if isinstance(read, str | dict | list) else read


def _picked(document: object, path: str) -> object:
    """Return what stands at a path of names and, in lists, numbers: `data.0.id`."""
    found = document
    for step in path.split("."):
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step in map(str, range(len(found))):
            found = found[int(step)]
        else:
            raise Stop(Exit.NOT_FOUND, f"The answer holds no {path}")
    return found


def _spelled(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

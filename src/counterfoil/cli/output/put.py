"""Results on their way out: whatever a command found, in the form that its reader chose.

Whatever passes here is stripped of secrets, but for the one that a command is there to show.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import forms
from counterfoil.cli.output.choice import DATA, Choice, Form, chosen
from counterfoil.cli.output.progress import progress
from counterfoil.cli.output.record import More, Resource, cell, field, flat, id_of, silent
from counterfoil.cli.output.text import note, on_terminal, printable
from counterfoil.cli.unwritten import abandon

_NOTHING_MORE: Final[More] = {}


def put_list(
    resources: Iterable[Resource], columns: str, more: More = _NOTHING_MORE, *, short: str = ""
) -> None:
    """Print resources: the columns are fields by name, fewer on a terminal if `short` says so."""
    choice, found = chosen(), [silent(one) for one in resources]
    if choice.is_data:
        _data(choice, found, more, many=True)
        return
    if choice.form is Form.IDS:
        _lines(_ids(found))
        return
    form = choice.form or (Form.TABLE if on_terminal() else Form.TSV)
    names = choice.fields or tuple(((form is Form.TABLE and short) or columns).split())
    rows = flat(found, names, more) if choice.fields else [
        {name: field(one, name, more) for name in names} for one in found
    ]  # fmt: skip
    forms.table(form, names, rows)


def put_each(resource: Resource, columns: str, more: More = _NOTHING_MORE) -> None:
    """Print one more of a stream of resources, in a line of its own if no form is chosen."""
    choice = chosen()
    if choice.form in DATA:
        _data(choice, [silent(resource)], more, many=False)
    elif choice.form is None or choice.form is Form.TABLE:
        values = [cell(name, field(resource, name, more), short=False) for name in columns.split()]
        forms.line(values)
    else:
        put_list([resource], columns, more)


def put_stream(resources: Iterable[Resource], columns: str) -> None:
    """Print resources as they come, however many there are; CSV unless another form is chosen.

    Where they go into a file or a pipe, a terminal shows how many did.
    """
    choice = chosen()
    if not on_terminal():
        resources = progress(resources, "Printing")
    form = choice.form or Form.CSV
    if form is Form.JSON and choice.jq is None:
        form = Form.NDJSON
    if form in {Form.CSV, Form.TSV, Form.NDJSON}:
        names = choice.fields or (() if form in DATA else tuple(columns.split()))
        forms.stream(form, names, (_record(one, names) for one in resources))
    else:
        put_list(resources, columns)


def put_one(resource: Resource, facts: str, more: More = _NOTHING_MORE) -> None:
    """Print one resource, a line for each of its facts."""
    choice, found = chosen(), silent(resource)
    if choice.is_data:
        _data(choice, [found], more, many=False)
    elif choice.form is Form.IDS:
        _lines([id_of(found)])
    elif choice.form is Form.CSV or choice.fields:
        put_list([found], facts, more)
    else:
        named = [(_label(name), cell(name, field(found, name, more), short=False)) for name in
                 facts.split()]  # fmt: skip
        forms.facts(choice.form, [(label, text) for label, text in named if text])


def put_done(resource: Resource, *told: str) -> None:
    """Tell what was done, on standard error; the resource goes to whoever wants it as data."""
    choice = chosen()
    if choice.form is not None:
        put_one(resource, "id")
    for line in told:
        note(line)


def put_secret(secret: str, resource: Resource, name: str = "token") -> None:
    """Print a secret that is shown this once: alone, or under a name in the data asked for.

    Raises:
        Stop: exit 1 if nobody took it, which is told with what was made.
    """
    choice = chosen()
    try:
        if choice.is_data:
            attributes = resource.get("attributes")
            whole = {**resource, "attributes": {**(attributes or {}), name: secret}}
            _data(choice, [whole], _NOTHING_MORE, many=False, secret=secret)
        else:
            click.echo(secret)
        sys.stdout.flush()
    except OSError as error:
        abandon()
        raise Stop(
            Exit.FAILED,
            f"{id_of(resource)} is made, and its secret could not be written: it is lost"
            f" ({error.strerror})",
            "Revoke it, and make another where there is room.",
        ) from None


def require_place_for_secret() -> None:
    """Return if the chosen form has a place for a secret that is shown this once."""
    if not chosen().keeps_secret:
        raise click.UsageError(
            "The secret is shown once, and this form would lose it: leave it away, or take"
            " --json, with `token` among the fields."
        )


def put_value(value: object, *, secret: str = "") -> None:
    """Print a document that is no resource: JSON, unless another form of data is chosen.

    `secret` is one in it that is shown this once.
    """
    choice = chosen()
    forms.data(choice.form if choice.is_data else Form.JSON, value, choice.jq, secret=secret)


def put_document(value: object) -> None:
    """Print a document for a file that somebody reads: in lines, unless another form is chosen."""
    if chosen().is_data:
        put_value(value)
    else:
        forms.document(value)


def _data(
    choice: Choice, found: Sequence[Resource], more: More, *, many: bool, secret: str = ""
) -> None:
    shown = flat(found, choice.fields, more) if choice.fields else list(found)
    forms.data(choice.form, shown if many else shown[0], choice.jq, secret=secret)


def _record(resource: Resource, names: Sequence[str]) -> Resource:
    shown = silent(resource)
    return {name: field(shown, name) for name in names} if names else shown


def _ids(found: Iterable[Resource]) -> list[str]:
    ids = [id_of(one) for one in found]
    if not all(ids):
        raise click.UsageError("There are no ids here: leave -q away.")
    return ids


def _lines(texts: Iterable[str]) -> None:
    for text in texts:
        click.echo(printable(text))


def _label(name: str) -> str:
    return {"token_hint": "token"}.get(name, name).removesuffix("_at").replace("_", " ")

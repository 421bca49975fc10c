"""What is shown, and how: the one place through which every result of a command goes."""

from counterfoil.cli.output.choice import output_options
from counterfoil.cli.output.progress import bar, progress
from counterfoil.cli.output.put import (
    put_document,
    put_done,
    put_each,
    put_list,
    put_one,
    put_secret,
    put_stream,
    put_value,
)
from counterfoil.cli.output.text import (
    note,
    on_terminal,
    places,
    printable,
    put_facts,
    spelled,
    words,
)

__all__ = [
    "bar",
    "note",
    "on_terminal",
    "output_options",
    "places",
    "printable",
    "progress",
    "put_document",
    "put_done",
    "put_each",
    "put_facts",
    "put_list",
    "put_one",
    "put_secret",
    "put_stream",
    "put_value",
    "spelled",
    "words",
]

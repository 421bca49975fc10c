"""The reference of the Python client, from its nouns and verbs themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Final, ForwardRef

from counterfoil.client import Client, errors
from counterfoil.client.errors import ClientError
from counterfoil.client.nouns.api_tokens import ApiTerms, ChangedApiTerms
from counterfoil.client.nouns.personal_tokens import ChangedTerms, NewTerms
from counterfoil.client.twin import ListVerb, Noun, Verb
from counterfoil.client.wire import Wire
from tools.manual import HEAD

_STEPS: Final = re.compile(r"(?:Steps|Listing)\[(.*)\]$")
_UNPACKED: Final = re.compile(r"Unpack\[(.*)\]$")
_NOTHING_LISTENS: Final = "http://127.0.0.1:1"


def client_page() -> str:
    """Return every call of `counterfoil.client`, and every class of its failures."""
    said = [
        HEAD + "# The Python client\n",
        "`Client` blocks, `AsyncClient` is awaited; both have these calls. A list is an iterator,",
        "behind `AsyncClient` one for `async for`. How they are used is told",
        "[step by step](../how-to/call-from-python.md).\n",
    ]
    with Client(_NOTHING_LISTENS) as client:
        said += _section("client", client)
        for name, noun in vars(client).items():
            if isinstance(noun, Noun):
                said += _section(f"client.{name}", noun)
    said += ["## Terms\n", "What is named after `**`; all of it may be left out.\n", *_terms()]
    said += ["## Failures\n", "| class | below | |", "|---|---|---|"]
    return "\n".join([*said, *_failures()]) + "\n"


def _section(name: str, noun: Noun[Wire]) -> Iterator[str]:
    yield f"## `{name}`\n"
    yield f"{_first(type(noun))}\n"
    yield "| call | gives | |"
    yield "|---|---|---|"
    for verb, member in inspect.getmembers(type(noun)):
        if isinstance(member, Verb | ListVerb):
            told = inspect.signature(vars(member)["__wrapped__"])
            takes = ", ".join(_taken(told.parameters.values()))
            gives = _STEPS.sub(r"\1", str(told.return_annotation))
            many = "each " if isinstance(member, ListVerb) else ""
            yield f"| `{name}.{verb}({_cell(takes)})` | {many}`{_cell(gives)}` | {_first(member)} |"
    yield ""


def _taken(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Yield what a call takes, as it is written in its source."""
    named = False
    for one in parameters:
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not named:
            named = True
            yield "*"
        stars = "**" if one.kind is one.VAR_KEYWORD else ""
        default = "" if one.default is one.empty else f" = {one.default!r}"
        yield f"{stars}{one.name}: {_spelled(one)}{default}"


def _spelled(one: inspect.Parameter) -> str:
    return _UNPACKED.sub(r"\1", str(one.annotation))


def _terms() -> Iterator[str]:
    for one in (NewTerms, ChangedTerms, ApiTerms, ChangedApiTerms):
        yield f"### `{one.__name__}`\n"
        yield f"{_first(one)}\n"
        for name, type_ in inspect.get_annotations(one, eval_str=False).items():
            spelled = type_.__forward_arg__ if isinstance(type_, ForwardRef) else str(type_)
            yield f"- `{name}`: `{spelled}`"
        yield ""


def _failures() -> Iterator[str]:
    for name, one in vars(errors).items():
        if isinstance(one, type) and issubclass(one, ClientError) and one is not ClientError:
            above = one.__bases__[0].__name__
            yield f"| `{name}` | `{above}` | {_first(one)} |"


def _first(thing: object) -> str:
    """Return the first paragraph of what a thing says of itself."""
    return _cell(" ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

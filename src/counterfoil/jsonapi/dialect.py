"""Dialects: how an address speaks, in its answers and when something fails.

A dialect is a value, not a subclass: what its addresses are, what each answer carries, and one
function that says what failed. The house speaks JSON:API; other contracts stand in files of their
own, and those of other vendors in `dialects/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from counterfoil.gate.challenge import challenge
from counterfoil.jsonapi.fault import NATIVE, PLAIN, PROBLEM, REFERENCE, TITLE, Fault, Said, kept
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.kernel.errors import Code, CounterfoilError

CACHE: Final = "max-age=0, private, must-revalidate"


class Challenge(Protocol):
    """Says in a header what would open an address: see `gate.challenge`."""

    def __call__(self, error: CounterfoilError, *, scope: str, resource_metadata: str) -> str:
        """Return the WWW-Authenticate value of a refusal."""
        ...


def _anything(_headers: Mapping[str, str]) -> None:
    """Raise for no header."""


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """One way of speaking HTTP.

    Attributes:
        name: how the reference calls it.
        under: the addresses where it is spoken, whether or not there is a route.
        say: says what failed.
        errors: each media type of a failure, with the name of its schema.
        schemas: the JSON Schemas of its failures, by name.
        media: the media types of a success, the usual one first; Accept may ask for another.
        headers: what every answer carries.
        cache: the Cache-Control of an answer without a secret.
        picky: whether an Accept header without JSON is refused.
        asks: the request headers that it looks at.
        fails: the codes with which `hear` fails.
        hear: raises for request headers that it cannot follow.
        challenge: the WWW-Authenticate value of a refusal, as `gate.challenge` takes it.
    """

    name: str
    under: re.Pattern[str]
    say: Callable[[Fault], Said]
    errors: Mapping[str, str]
    schemas: Mapping[str, Any]
    media: tuple[str, ...] = (PLAIN,)
    headers: Mapping[str, str] = field(default_factory=dict)
    cache: str = CACHE
    picky: bool = True
    asks: tuple[Parameter, ...] = ()
    fails: tuple[Code, ...] = ()
    hear: Callable[[Mapping[str, str]], None] = _anything
    challenge: Challenge = challenge


def dialect_of(path: str, spoken: Sequence[Dialect]) -> Dialect:
    """Return how failures are said at an address, whether or not there is a route."""
    return next((dialect for dialect in spoken if dialect.under.match(path)), JSONAPI)


def _say(fault: Fault) -> Said:
    """Say it after JSON:API, or after RFC 9457 to who asks for that."""
    code, detail, meta = fault.code, fault.detail, fault.meta
    said: dict[str, Any] = {"code": str(code), "title": TITLE[fault.status]}
    if PROBLEM in fault.accept:
        said = {"type": f"{REFERENCE}#{code}", **said, "status": fault.status}
        said["instance"] = f"urn:counterfoil:request:{fault.request_id}"
        pointer = {"detail": detail, "pointer": f"#{fault.field}"}
        source = {} if fault.field is None else {"errors": [pointer]}
        return Said(PROBLEM, {**said, **kept(detail=detail, ask=fault.ask), **source, **meta})
    said = {"id": fault.request_id, "status": str(fault.status), **said}
    said |= kept(detail=detail, meta=meta)
    said["links"] = {"type": f"{REFERENCE}#{code}", **kept(ask=fault.ask)}
    if fault.field is not None:
        said["source"] = {"pointer": fault.field}
    elif "parameter" in meta:
        said["source"] = {"parameter": meta["parameter"]}
    return Said(NATIVE if NATIVE in fault.accept else PLAIN, {"errors": [said]})


_TEXT: Final = {"type": "string"}
_OBJECT: Final = {"type": "object"}
_CODE: Final = {"type": "string", "enum": sorted(Code)}

JSONAPI: Final = Dialect(
    name="native",
    under=re.compile(""),
    say=_say,
    errors={PLAIN: "Errors", NATIVE: "Errors", PROBLEM: "Problem"},
    schemas={
        "Errors": {
            "type": "object",
            "required": ["errors"],
            "properties": {
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["id", "status", "code", "title"],
                        "properties": {
                            **dict.fromkeys(("id", "status", "title", "detail"), _TEXT),
                            "code": _CODE,
                            **dict.fromkeys(("source", "meta", "links"), _OBJECT),
                        },
                    },
                }
            },
        },
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code"],
            "properties": {
                **dict.fromkeys(("type", "title", "detail", "instance", "ask"), _TEXT),
                "code": _CODE,
                "status": {"type": "integer"},
            },
        },
    },
    media=(PLAIN, NATIVE),
)

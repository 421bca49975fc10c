"""Bodies, read strictly: what two readers could understand differently is refused (S38).

A body is JSON in UTF-8, of at most 256 KiB, 32 levels and 2,000 keys, no key twice in an object,
numbers that every reader keeps whole, and text that every store can hold. No text in it holds an
access token: it would be kept, listed and shown (S9).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Final, NoReturn, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec

from counterfoil.kernel.errors import Code, Invalid, Malformed, pointer
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.secret import holds_token

T = TypeVar("T")

LARGEST: Final = 256 * 1024
DEEPEST: Final = 32
MOST_KEYS: Final = 2_000
_WIDEST: Final = 2**53
_DIGITS: Final = len(str(_WIDEST)) + 1

_BAD: Final = Code.INVALID_JSON_BODY

JSON_TYPES: Final = frozenset({"application/json", "application/vnd.api+json"})
FORM_TYPE: Final = "application/x-www-form-urlencoded"
ANY_TYPE: Final = "*/*"

_LONE: Final = re.compile("[\ud800-\udfff]")


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of what a door takes: a member that it does not name is refused."""


def media_type(header: str | None) -> str:
    """Return the media type that a Content-Type header names, in lower case.

    Raises:
        Malformed: INVALID_CONTENT_TYPE_HEADER for a parameter that would change the reading.
    """
    name, *parameters = (part.strip().lower() for part in (header or "").split(";"))
    for parameter in parameters:
        if parameter.replace('"', "") not in {"charset=utf-8", ""} or (
            parameter and name == "application/vnd.api+json"
        ):
            raise wrong_type(name)
    return name


def wrong_type(name: str) -> Malformed:
    """The answer to a body in a media type that this address does not read."""
    return Malformed(
        Code.INVALID_CONTENT_TYPE_HEADER,
        f"A body of the type {name[:80] or 'unknown'!r} is not read here.",
        meta={"supported": sorted(JSON_TYPES)},
    )


def read_json(raw: bytes, type_: type[T]) -> T:
    """Read a body into a struct.

    Raises:
        Malformed: if it is no JSON that every reader understands alike.
        Invalid: if it says what the struct does not allow; `field` points at it.
    """
    _survey(raw)
    try:
        return cast("T", _decoder(cast("Hashable", type_)).decode(raw))
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed(_BAD, "The body is not JSON.") from None


def read_form(raw: bytes) -> dict[str, str]:
    """Read a form; a field given twice is refused (RFC 6749 §3.1)."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=50,
        )
    except ValueError:
        raise Malformed(Code.INVALID_REQUEST, "The form cannot be read.") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if "\0" in name + value:
            raise Malformed(Code.INVALID_REQUEST, f"The field {name[:80]!r} holds NUL.")
        if name in form:
            raise Malformed(Code.INVALID_REQUEST, f"The field {name[:80]!r} is given twice.")
        form[name] = value
    return form


def require_same_id(said: str | msgspec.UnsetType, prefix: Prefix, addressed: int) -> None:
    """Return if a body names the thing that its address names, in either spelling, or none.

    Raises:
        Invalid: naming `/data/id`.
    """
    if said is not msgspec.UNSET and said not in {str(addressed), spell(prefix, addressed)}:
        raise Invalid(
            Code.INVALID_FIELD, "The body names another id than the address.", field="/data/id"
        )


def _survey(raw: bytes) -> None:
    """Look the whole text over once, before anything is made of it."""
    if not raw:
        raise Malformed(_BAD, "The body is empty.")
    try:
        text = raw.decode("utf-8")
        whole = _Survey().decode(text)
    except UnicodeDecodeError:
        raise Malformed(_BAD, "The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise Malformed(_BAD, "The body is not JSON.") from None
    if text.count("[") + text.count("{") > DEEPEST:
        _measure(whole)
    if "\\u" in text or "\0" in text or holds_token(text):
        _walk(whole, "")


def _measure(whole: object) -> None:
    level, depth = [whole], 0
    while level := [value for value in level if isinstance(value, dict | list)]:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()
        level = [
            member
            for value in level
            for member in (value.values() if isinstance(value, dict) else value)
        ]


def _too_deep() -> Malformed:
    return Malformed(_BAD, f"The body is nested deeper than {DEEPEST} levels.")


class _Survey(json.JSONDecoder):
    """The standard reader with the freedoms of JSON taken away; for one body."""

    def __init__(self) -> None:
        self._keys = 0
        super().__init__(
            object_pairs_hook=self._once,
            parse_constant=self._constant,
            parse_int=self._integer,
            parse_float=self._number,
        )

    def _once(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._keys += len(pairs)
        if self._keys > MOST_KEYS:
            raise Malformed(_BAD, f"The body has more than {MOST_KEYS} keys.")
        members = dict(pairs)
        if len(members) != len(pairs):
            twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
            raise Malformed(_BAD, f"The key {twice[:80]!r} stands twice in one object.")
        return members

    def _constant(self, name: str) -> NoReturn:
        raise Malformed(_BAD, f"{name} is not JSON.")

    def _integer(self, digits: str) -> int:
        if len(digits) > _DIGITS or abs(int(digits)) > _WIDEST:
            raise Malformed(_BAD, "A whole number lies beyond 2**53.")
        return int(digits)

    def _number(self, digits: str) -> float:
        number = float(digits)
        if number in {float("inf"), float("-inf")}:
            raise Malformed(_BAD, "A number is too large.")
        return number


def _walk(value: object, at: str) -> None:
    """Refuse text that a store cannot keep or must not, and say where it stands."""
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid(Code.INVALID_FIELD, "NUL cannot be stored.", field=at)
        if _LONE.search(value):
            raise Malformed(Code.INVALID_JSON_BODY, "It holds an unpaired surrogate.", field=at)
        if holds_token(value):
            raise Invalid(
                Code.INVALID_FIELD,
                "An access token stands in this text. If it is live, replace it: no text is a "
                "place for it.",
                field=at,
            )
    elif isinstance(value, dict):
        for name, member in value.items():
            _walk(name, at)
            _walk(member, f"{at}{pointer(name)}")
    elif isinstance(value, list):
        for place, member in enumerate(value):
            _walk(member, f"{at}/{place}")


@lru_cache(maxsize=512)
def _decoder(type_: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_, strict=True)


_WHERE: Final = re.compile(r" - at `(?P<path>[^`]*)`$")
_MEMBER: Final = re.compile(r"Object (missing required|contains unknown) field `(?P<name>.*)`")
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")


def _invalid(said: str) -> Invalid:
    """Put msgspec's sentence into ours, with a JSON pointer; never with the value itself."""
    where = _WHERE.search(said)
    what = said[: where.start()] if where else said
    path = where["path"] if where else "$"
    field = pointer(*(name or number for name, number in _STEP.findall(path) if name or number))
    meta: dict[str, Any] = {}
    if member := _MEMBER.match(what):
        field += pointer(member["name"])
        missing = "missing" in member[1]
        what = "This member is required" if missing else "There is no such member here"
        meta = {} if missing else {"extraneous_attributes": [member["name"][:80]]}
    elif what.startswith("Invalid"):
        what = "This is not one of the allowed values"
    return Invalid(Code.INVALID_FIELD, f"{what}.", field=field[:200] or "/", meta=meta)

"""Query strings, read strictly: what a route does not name is refused (S39)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from counterfoil.access.networks import Networks, read_networks
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid, Malformed, NotFound
from counterfoil.kernel.ids import Prefix
from counterfoil.kernel.page import DEFAULT_SIZE, LARGEST, Wanted

E = TypeVar("E", bound=StrEnum)

_MOST_PARAMETERS: Final = 50
_FURTHEST: Final = 2**53 - 1
_CURSOR_CHARS: Final = 4_096
_LIMIT: Final = "page[limit]"
_AFTER: Final = "page[after]"


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of one request, each name with the values it was given, in order."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, allowed: Collection[str]) -> Query:
        """Read a query string of which a route allows these names: see `Parameter.allowed`.

        Raises:
            Malformed: for a name that is not allowed, for what is no UTF-8, and for NUL.
        """
        if not text:
            return cls()
        try:
            pairs = parse_qsl(
                text,
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_PARAMETERS,
            )
        except (UnicodeDecodeError, ValueError):
            raise Malformed(Code.INVALID_REQUEST, "The query string cannot be read.") from None
        values: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            plain = name.removesuffix("[]") if "[" in name[:-2] else name
            if plain not in allowed and not _is_of_family(plain, allowed):
                raise _wrong(name, "is not a parameter of this address")
            if "\0" in value or not value.isprintable():
                raise _wrong(plain, "holds a control character")
            values[plain] = (*values.get(plain, ()), value)
        return cls(values)

    def text(self, name: str) -> str | None:
        """Return the one value of a parameter; None if it is absent."""
        given = self.values.get(name, ())
        if len(given) > 1:
            raise _wrong(name, "is given more than once")
        return given[0] if given else None

    def integer(self, name: str, lowest: int = 0, highest: int = _FURTHEST) -> int | None:
        """Return a parameter as a whole number within bounds; None if it is absent."""
        given = self.text(name)
        if given is None:
            return None
        digits = len(str(highest))
        if not (given.isascii() and given.isdigit() and len(given) <= digits):
            raise _wrong(name, "is not a whole number")
        number = int(given)
        if not lowest <= number <= highest:
            raise _wrong(name, f"lies outside {lowest} to {highest}")
        return number

    def boolean(self, name: str) -> bool | None:
        """Return a parameter that is `true` or `false`; None if it is absent."""
        given = self.text(name)
        if given not in {None, "true", "false"}:
            raise _wrong(name, "is neither true nor false")
        return None if given is None else given == "true"

    def one_of(self, name: str, words: type[E]) -> E | None:
        """Return a parameter that is one of these words; None if it is absent."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return words(given)
        except ValueError:
            raise _wrong(name, f"is one of {', '.join(words)}") from None

    def among(self, name: str, words: Collection[str]) -> str | None:
        """Return a parameter that is one of many words; None if it is absent."""
        given = self.text(name)
        if given is not None and given not in words:
            raise _wrong(name, "names nothing that there is")
        return given

    def id(self, prefix: Prefix, name: str) -> int | None:
        """Return a parameter that is an id, in either spelling; None if it is absent."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return ids.read(prefix, given)
        except NotFound:
            raise _wrong(name, "is not an id") from None

    def spellings(self, name: str) -> tuple[str, ...]:
        """Return the spellings of an id that may be of any kind; none if it is absent."""
        given = self.text(name)
        if given is None:
            return ()
        try:
            return ids.spellings(given)
        except NotFound:
            raise _wrong(name, "is not an id") from None

    def instant(self, name: str) -> datetime | None:
        """Return a parameter that is an instant by RFC 3339; None if it is absent."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return read_instant(given)
        except Invalid:
            raise _wrong(name, "is not an instant with its zone, as RFC 3339 spells it") from None

    def networks(self, name: str) -> Networks | None:
        """Return a parameter that is an address or a network; None if it is absent."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return read_networks((given,), name)
        except Invalid as error:
            raise Malformed(
                Code.INVALID_REQUEST, error.sentence, meta={"parameter": name}
            ) from None

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter, repeated or parted by commas."""
        return tuple(
            part for value in self.values.get(name, ()) for part in value.split(",") if part
        )

    def kept(self) -> dict[str, str]:
        """Return what the address of the next page says again: all but the place and the size."""
        return {
            name: ",".join(values)
            for name, values in self.values.items()
            if not name.startswith("page[")
        }

    def page(self) -> Wanted:
        """Return which piece of a list is wanted: `page[size]` (or `page[limit]`) and the place."""
        size = self.integer("page[size]", 1, LARGEST)
        limit = self.integer(_LIMIT, 1, LARGEST)
        if size is not None and limit is not None:
            raise _wrong(_LIMIT, "says the same as page[size]: give one of them")
        after = self.text(_AFTER)
        if after is not None and not 0 < len(after) <= _CURSOR_CHARS:
            raise _wrong(_AFTER, "is not a cursor of ours")
        offset = self.integer("page[offset]") or 0
        return Wanted(size or limit or DEFAULT_SIZE, after, offset)


def _is_of_family(name: str, allowed: Collection[str]) -> bool:
    return any(one.endswith("[") and name.startswith(one) for one in allowed)


def _wrong(name: str, what: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"The parameter {name[:80]!r} {what}.",
        meta={"parameter": name[:80]},
    )

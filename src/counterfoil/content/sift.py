"""What a list is filtered and sorted by: properties that the type declares and the caller meets.

A property that names nodes is compared with a node that the caller sees, or not at all: otherwise
its filter would tell what its reading hides (S30).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.content import findable, keywords
from counterfoil.content.model import ContentType, Kind
from counterfoil.content.sight import seen
from counterfoil.content.store import item_types, lists
from counterfoil.content.store import locales as store_locales
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import By, Op, Where, Wish
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

EQ: Final = "eq"
EXISTS: Final = "exists"
OPS: Final = (EQ, "in", "gt", "gte", "lt", "lte", EXISTS)
MOST_VALUES: Final = 50
_NUMBER: Final = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?")
_TEXT, _FIGURE, _FLAG = "string", "number", "boolean"
_KINDS: Final = {"string": _TEXT, "number": _FIGURE, "integer": _FIGURE, "boolean": _FLAG}
_ALIKE: Final = frozenset({EQ, "in"})
_NOBODY: Final = NodeId(0)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request asks of a property: the text as it came, to be read by the property's type."""

    name: str
    op: str
    text: str

    @property
    def parameter(self) -> str:
        """The parameter that it came in."""
        return f"filter[fields][{self.name}]" + ("" if self.op == EQ else f"[{self.op}]")


@dataclass(frozen=True, slots=True)
class _Property:
    """A property as its schema has it: of which kind its values are, if it names nodes, and where.

    `kind` is empty for lists, objects and what may be anything.
    """

    kind: str
    place: keywords.Place | None
    names_nodes: bool
    locale: str

    def allows(self, op: str) -> bool:
        """Say whether its values may be compared like this."""
        if self.names_nodes:
            return self.place is not None and op in _ALIKE
        return op == EXISTS or (bool(self.kind) and (op in _ALIKE or self.kind != _FLAG))


def sifted(
    work: Work, sight: Sight, wish: Wish, asks: tuple[Ask, ...], locales: tuple[str, ...]
) -> Wish:
    """Return the wish with what is asked of properties, which are those of the type it names.

    Args:
        work: within which it is looked up.
        sight: what the caller sees.
        wish: what else is wished for.
        asks: the filters.
        locales: in which locale localized properties are shown; none is the default one.

    Raises:
        Malformed: naming the parameter that asks of what is not there, or of what cannot be asked.
        Denied, NotFound: for a node that the caller does not see, as wherever one is named.
    """
    if not asks and not any(key.name for key in wish.keys):
        return wish
    if wish.content_type is None:
        raise _wrong("filter[type]", "is missing: properties are those of one type")
    found = item_types.named(work.tx, sight.organization, wish.content_type)
    type_ = found if found is not None and _meets(work, sight, found) else None
    own = _Own(work, sight, type_, locales)
    where = tuple(own.where(ask) for ask in asks)
    keys = tuple(own.key(key) if key.name else key for key in wish.keys)
    named = wish.content_type if type_ is None else str(type_.id)
    return replace(wish, content_type=named, where=where, keys=keys)


def _meets(work: Work, sight: Sight, type_: ContentType) -> bool:
    """Say whether the caller reads everywhere, or meets an entry of this type (S30)."""
    if not all(sight.grant.reach(Scope.CONTENT_READ)):
        return True
    met = Wish(kinds=(Kind.ENTRY,), content_type=str(type_.id))
    return bool(lists.some(work.tx, sight, met, 1))


@dataclass(frozen=True, slots=True)
class _Own:
    """The properties of one type, as its caller may ask of them."""

    work: Work
    sight: Sight
    type_: ContentType | None
    locales: tuple[str, ...]

    def where(self, ask: Ask) -> Where:
        """Return a filter, read."""
        said = self._property(ask.name, ask.parameter)
        if not said.allows(ask.op):
            raise _wrong(ask.parameter, "asks what this property cannot be asked")
        if ask.op == EXISTS:
            if ask.text not in {"true", "false"}:
                raise _wrong(ask.parameter, "is neither true nor false")
            op = Op.EXISTS if ask.text == "true" else Op.ABSENT
            return Where(ask.name, said.locale, op)
        texts = ask.text.split(",") if ask.op == "in" else [ask.text]
        if len(texts) > MOST_VALUES:
            raise _wrong(ask.parameter, f"names more than {MOST_VALUES} values")
        values = tuple(self._value(said, text, ask.parameter) for text in texts)
        return Where(ask.name, said.locale, Op.IN if ask.op == EQ else Op(ask.op), values)

    def key(self, key: By) -> By:
        """Return a key to sort by, with the locale that it sorts in."""
        said = self._property(key.name, "sort")
        if said.names_nodes or not said.kind:
            raise _wrong("sort", "names a property that nothing is sorted by")
        return replace(key, locale=said.locale)

    def _property(self, name: str, parameter: str) -> _Property:
        body = b"{}" if self.type_ is None else self.type_.body
        properties = msgspec.json.decode(body).get("properties")
        said = properties.get(name) if isinstance(properties, Mapping) else None
        if not isinstance(said, Mapping) or len(name) > findable.LONGEST_NAME:
            raise _wrong(parameter, "names no property of the type in filter[type]")
        locale = self._locale() if name in keywords.localized(body) else findable.NO_LOCALE
        places = [place for place in keywords.places(body) if place.steps[0] == name]
        direct = [
            place for place in places if all(step is not keywords.Each.ITEM for step in place.steps)
        ]
        place = direct[0] if len(direct) == 1 and not _within(direct[0]) else None
        return _Property(_kind(said), place, bool(places), locale)

    def _locale(self) -> str:
        if self.locales:
            return self.locales[0]
        return store_locales.locales(self.work.tx, self.sight.organization)[0]

    def _value(self, said: _Property, text: str, parameter: str) -> str:
        value: object = text
        if said.place is not None:
            kind = Kind.ASSET if said.place.assets else Kind.ENTRY
            id_ = NodeId(int(text)) if keywords.ID.fullmatch(text) else _NOBODY
            seen(self.work, self.sight, id_, (kind,))
        elif said.kind == _FLAG:
            if text not in {"true", "false"}:
                raise _wrong(parameter, "is neither true nor false")
            value = text == "true"
        elif said.kind == _FIGURE:
            if _NUMBER.fullmatch(text) is None:
                raise _wrong(parameter, "is not a number")
            value = float(text)
        elif len(text) >= findable.LONGEST_VALUE:
            raise _wrong(parameter, f"is {findable.LONGEST_VALUE} characters long, or longer")
        return findable.spelled(value) or ""


def _within(place: keywords.Place) -> bool:
    """Say whether a place lies within an object that the property holds."""
    return sum(isinstance(step, str) for step in place.steps) > 1


def _kind(said: Mapping[str, Any]) -> str:
    """Return of which kind the values of a property are; null counts for none."""
    type_ = said.get("type")
    types = [type_] if isinstance(type_, str) else type_ if isinstance(type_, list) else []
    kinds = {_KINDS.get(one, "") for one in types if isinstance(one, str) and one != "null"}
    return kinds.pop() if len(kinds) == 1 else ""


def _wrong(name: str, what: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"The parameter {name[:160]!r} {what}.",
        meta={"parameter": name[:160]},
    )

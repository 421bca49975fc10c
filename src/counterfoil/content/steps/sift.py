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
from counterfoil.content.steps.sight import seen
from counterfoil.content.store import item_types, lists
from counterfoil.content.store import locales as store_locales
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import By, Op, Where, Wish
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

EQ: Final = "eq"
EXISTS: Final = "exists"
HAS, HAS_ANY, HAS_ALL = "has", "has_any", "has_all"
OPS: Final = (EQ, "in", "gt", "gte", "lt", "lte", EXISTS, HAS, HAS_ANY, HAS_ALL)
SEVERAL: Final = frozenset({"in", HAS_ANY, HAS_ALL})
"""What is asked with several values at once."""

MOST_VALUES: Final = 50
MOST_TOGETHER: Final = 10
"""So many values may a list be asked to hold all of: each is looked for by itself."""

_OF_LISTS: Final = frozenset({HAS, HAS_ANY, HAS_ALL})
_NUMBER: Final = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?")
TEXT, FIGURE, FLAG = "string", "number", "boolean"
_KINDS: Final = {"string": TEXT, "number": FIGURE, "integer": FIGURE, "boolean": FLAG}
_ALIKE: Final = frozenset({EQ, "in"})
_NOBODY: Final = NodeId(0)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a request asks of a property: texts as they came, to be read by the property's type."""

    name: str
    op: str
    texts: tuple[str, ...]

    @property
    def parameter(self) -> str:
        """The parameter that it came in."""
        return f"filter[fields][{self.name}]" + ("" if self.op == EQ else f"[{self.op}]")


@dataclass(frozen=True, slots=True)
class _Property:
    """A property as its schema has it: of which kind its values are, if it names nodes, and where.

    `kind` is empty for lists, objects and what may be anything; `held` is of which kind the values
    are that a list holds, and `each` where a list names nodes.
    """

    kind: str
    place: keywords.Place | None
    names_nodes: bool
    locale: str
    held: str = ""
    each: keywords.Place | None = None

    def allows(self, op: str) -> bool:
        """Say whether its values may be compared like this."""
        if op in _OF_LISTS:
            return self.each is not None if self.names_nodes else bool(self.held)
        if self.names_nodes:
            return self.place is not None and op in _ALIKE
        return op == EXISTS or (bool(self.kind) and (op in _ALIKE or self.kind != FLAG))

    def compared(self, op: str) -> tuple[str, keywords.Place | None]:
        """Return of which kind the values are that are compared, and which nodes they name."""
        return (self.held, self.each) if op in _OF_LISTS else (self.kind, self.place)


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
    where = tuple(one for ask in asks for one in own.where(ask))
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

    def where(self, ask: Ask) -> list[Where]:
        """Return a filter, read: of a list that holds all of some values, one for each of them."""
        said = self._property(ask.name, ask.parameter)
        if not said.allows(ask.op):
            raise _wrong(ask.parameter, "asks what this property cannot be asked")
        most = MOST_TOGETHER if ask.op == HAS_ALL else MOST_VALUES
        if not 0 < len(ask.texts) <= most:
            raise _wrong(ask.parameter, f"names 1 to {most} values")
        if ask.op == EXISTS:
            if ask.texts[0] not in {"true", "false"}:
                raise _wrong(ask.parameter, "is neither true nor false")
            op = Op.EXISTS if ask.texts[0] == "true" else Op.ABSENT
            return [Where(ask.name, said.locale, op)]
        kind, place = said.compared(ask.op)
        values = tuple(self._value(kind, place, text, ask.parameter) for text in ask.texts)
        if ask.op == HAS_ALL:
            return [Where(ask.name, said.locale, Op.HAS, (value,)) for value in values]
        op = Op.HAS if ask.op in _OF_LISTS else Op.IN if ask.op == EQ else Op(ask.op)
        return [Where(ask.name, said.locale, op, values)]

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
        return _Property(
            kind_of(said),
            _only(places, listed=False),
            bool(places),
            locale,
            kind_held(said),
            _only(places, listed=True),
        )

    def _locale(self) -> str:
        if self.locales:
            return self.locales[0]
        return store_locales.locales(self.work.tx, self.sight.organization)[0]

    def _value(self, kind: str, place: keywords.Place | None, text: str, parameter: str) -> str:
        value: object = text
        if place is not None:
            id_ = NodeId(int(text)) if keywords.ID.fullmatch(text) else _NOBODY
            seen(self.work, self.sight, id_, (Kind.ASSET if place.assets else Kind.ENTRY,))
        elif kind == FLAG:
            if text not in {"true", "false"}:
                raise _wrong(parameter, "is neither true nor false")
            value = text == "true"
        elif kind == FIGURE:
            if _NUMBER.fullmatch(text) is None:
                raise _wrong(parameter, "is not a number")
            value = float(text)
        elif len(text) >= findable.LONGEST_VALUE:
            raise _wrong(parameter, f"is {findable.LONGEST_VALUE} characters long, or longer")
        return findable.spelled(value) or ""


def _only(places: list[keywords.Place], *, listed: bool) -> keywords.Place | None:
    """Return where a property itself names a node, or if `listed` several; None if it does not.

    What stands within an object that the property holds is not asked for.
    """
    ends = (keywords.Each.ITEM,) if listed else ()
    found = [
        place
        for place in places
        if tuple(step for step in place.steps[1:] if step is not keywords.Each.LOCALE) == ends
    ]
    return found[0] if len(found) == len(places) == 1 else None


def kind_of(said: object) -> str:
    """Return of which kind the values of a property are, if they are all of one; or nothing."""
    kinds = {_KINDS.get(one, "") for one in _types(said)}
    return kinds.pop() if len(kinds) == 1 else ""


def kind_held(said: Mapping[str, Any]) -> str:
    """Return of which kind the values are that a property lists; or nothing."""
    return kind_of(said.get("items")) if _types(said) == {"array"} else ""


def _types(said: object) -> set[str]:
    """Return of which types the values of a property are; null counts for none."""
    type_ = said.get("type") if isinstance(said, Mapping) else None
    types = [type_] if isinstance(type_, str) else type_ if isinstance(type_, list) else []
    return {one for one in types if isinstance(one, str) and one != "null"}


def _wrong(name: str, what: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"The parameter {name[:160]!r} {what}.",
        meta={"parameter": name[:160]},
    )

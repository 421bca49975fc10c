"""What entries say of other nodes and in which languages: judged when written, cut when read.

Whoever writes a reference may read what it names (S28). Whoever reads one is told of it if they see
on this surface what it names; if not, it is null, and left out of a list: the unpublished, the
trashed, the outside and the gone look alike (S30, S33).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from counterfoil.access.surface import Surface
from counterfoil.content import keywords, policy
from counterfoil.content.keywords import Place
from counterfoil.content.model import Shown
from counterfoil.content.store import item_types
from counterfoil.content.store import locales as store_locales
from counterfoil.content.store import seen as store_seen
from counterfoil.content.store.visible import Sight
from counterfoil.kernel.errors import Code, Invalid, Malformed, pointer
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

MOST_PARTS: Final = 4
"""So many subtags does the code of a locale have."""

_ATTRIBUTES: Final = "/data/attributes"

Seen = Mapping[str, str | None]
"""What the caller sees, by id: each entry with the api_key of its type, each asset with None."""


def require_woven(
    work: Work, body: bytes, content: Mapping[str, Any], given: Collection[str]
) -> None:
    """Return if the given members of the content name nodes and locales that they may.

    What stands there since before is not asked again: its writer may not see it (S30).

    Raises:
        Invalid: pointing at the first that is wrong, alike for the unknown and the outside.
    """
    _require_locales(work, body, content, given)
    named = [
        (place, at, value) for place in keywords.places(body) for at, value in place.named(content)
    ]
    if len(named) > keywords.MOST_NAMED:
        raise _wrong(f"An entry names at most {keywords.MOST_NAMED} nodes.", named[-1][1][:1])
    new = [(place, at, value) for place, at, value in named if at[0] in given]
    sight = Sight(work.caller.organization, work.caller.grant, Surface.MANAGEMENT)
    seen = _seen(work, sight, [value for _, _, value in new])
    for place, at, value in new:
        key = seen.get(value, "") if isinstance(value, str) else ""
        if not _sees(place, seen, value) or (place.types and key not in place.types):
            raise _wrong(_expected(place), at)


def woven(
    work: Work,
    sight: Sight,
    shown: Sequence[Shown],
    locales: tuple[str, ...] = (),
    *,
    only: str | None = None,
) -> list[Shown]:
    """Return what was found as this caller may see it.

    Args:
        work: within which it was found.
        sight: what the caller sees.
        shown: what was found. What refers to nothing stays as it was kept, to the byte.
        locales: show of each localized property one value: the first of these that it has.
        only: show references to entries of this type alone.
    """
    types = {
        at: one.node.content_type
        for at, one in enumerate(shown)
        if one.content and one.node.content_type and (one.refers or locales)
    }
    if not types:
        return list(shown)
    bodies = item_types.bodies(work.tx, sight.organization, types.values())
    body = {at: bodies[type_] for at, type_ in types.items()}
    said = {at: policy.decoded(shown[at].content or b"{}") for at in types}
    named = [
        value
        for at, content in said.items()
        for place in keywords.places(body[at])
        for _, value in place.named(content)
    ]
    seen = _seen(work, sight, named)
    if only is not None:
        seen = {id_: key for id_, key in seen.items() if key == only}
    cut = list(shown)
    for at, content in said.items():
        kept = content
        for place in keywords.places(body[at]):
            kept = place.kept(kept, partial(_sees, place, seen))
        shown_in = keywords.in_one(body[at], kept, locales) if locales else kept
        cut[at] = replace(cut[at], content=policy.plain(shown_in))
    return cut


def preferred(work: Work, locale: str | None) -> tuple[str, ...]:
    """Return the locales in which to look for a value: the asked one, or else the default one.

    Raises:
        Malformed: naming the parameter, if the organization has no such locale.
    """
    if locale is None:
        return ()
    known = store_locales.locales(work.tx, work.caller.organization)
    if locale not in known:
        raise Malformed(
            Code.INVALID_REQUEST,
            f"The parameter 'locale' is one of {', '.join(known)}.",
            meta={"parameter": "locale"},
        )
    return (locale, known[0])


def closest(work: Work, code: str) -> str | None:
    """Return the locale of the organization that somebody means by a code, however it is cased.

    What names a region is met by its language, if there is no such region: `en-us` by `en`.
    """
    known = store_locales.locales(work.tx, work.caller.organization)
    spelled = {one.lower(): one for one in known}
    parts = code.lower().split("-")[:MOST_PARTS]
    ends = range(len(parts), 0, -1)
    return next((spelled[one] for end in ends if (one := "-".join(parts[:end])) in spelled), None)


def _require_locales(
    work: Work, body: bytes, content: Mapping[str, Any], given: Collection[str]
) -> None:
    names = sorted(keywords.localized(body) & set(given) & content.keys())
    if not names:
        return
    known = store_locales.locales(work.tx, work.caller.organization)
    for name in names:
        for code in content[name]:
            if code not in known:
                raise _wrong(f"The locales here are {', '.join(known)}.", (name, code))


def _seen(work: Work, sight: Sight, named: Collection[object]) -> Seen:
    ids = {NodeId(int(one)) for one in named if isinstance(one, str) and keywords.ID.fullmatch(one)}
    if not ids:
        return {}
    found = store_seen.named_and_seen(work.tx, sight, ids)
    return {str(id_): key for id_, key in found.items()}


def _sees(place: Place, seen: Seen, value: object) -> bool:
    return isinstance(value, str) and value in seen and (seen[value] is None) == place.assets


def _expected(place: Place) -> str:
    what = "asset" if place.assets else "entry"
    types = f" of the type {' or '.join(place.types)}" if place.types else ""
    return f"This names no {what}{types} that you may read, by its id in digits."


def _wrong(what: str, at: Sequence[str | int]) -> Invalid:
    return Invalid(Code.INVALID_FIELD, what, field=_ATTRIBUTES + pointer(*at))

"""The locales of content over HTTP: `/cma/locales`."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from counterfoil.content import locales
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, One
from counterfoil.jsonapi.route import Answer, Asked, Route

_PATH: Final = "/cma/locales"
_route = partial(Route, section="Content")


class LocalesAttributes(Body, frozen=True):
    """The codes of the locales, such as `en` or `pt-BR`; the first is the default."""

    codes: list[str]


class NewLocales(Body, frozen=True):
    """In which languages content is to be written."""

    type: Literal["locales"]
    attributes: LocalesAttributes


class LocalesBody(Body, frozen=True):
    """The document that chooses the locales."""

    data: NewLocales


class Codes(Given, frozen=True):
    """The codes of the locales; the first is the default."""

    codes: tuple[str, ...]


class Locales(Given, frozen=True, tag_field="type", tag="locales"):
    """In which languages the content of an organization, whose id this is, is written."""

    id: Id
    attributes: Codes


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/locales."""
    with asked.read() as work:
        found = locales.show_locales(work)
    return Answer(200, _show(asked, found))


def chosen(asked: Asked) -> Answer:
    """Answer PUT /cma/locales."""
    wanted = asked.struct(LocalesBody).data.attributes.codes
    with asked.work() as work:
        now = locales.edit_locales(work, wanted)
    return Answer(200, _show(asked, now))


def _show(asked: Asked, codes: tuple[str, ...]) -> One[Locales]:
    return One(Locales(id=str(asked.caller.organization), attributes=Codes(codes=codes)))


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        shown,
        "locales.show",
        "Show the locales of content",
        gives={200: One[Locales]},
    ),
    _route(
        "PUT",
        _PATH,
        chosen,
        "locales.edit",
        "Choose the locales of content",
        takes=LocalesBody,
        example={"data": {"type": "locales", "attributes": {"codes": ["en", "de"]}}},
        gives={200: One[Locales]},
    ),
)

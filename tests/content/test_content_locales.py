"""Content in several languages: written for each, read in one with a fallback."""

from __future__ import annotations

from typing import Any, Final

import pytest

from counterfoil.access.scope import EVERY_SCOPE, Scope
from counterfoil.kernel.ids import NodeId
from support.content import Garden, id_of, item_body, token

TITLE: Final = {"type": "string", "minLength": 2, "x-localized": True}


class Shelf:
    """A garden in English, German and French, with a type whose headline is localized."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        self.choose("en", "de", "fr")
        authors = {"type": "array", "items": {"x-reference": []}, "x-localized": True}
        self.page = garden.shaped("page", headline=TITLE, authors=authors)

    def choose(self, *codes: str, caller: Any = None) -> Any:
        body = {"data": {"type": "locales", "attributes": {"codes": list(codes)}}}
        return self.garden.knock(caller)("PUT", "/cma/locales", body)

    def make(self, **said: Any) -> Any:
        body = item_body(self.garden, self.garden.root, **said)
        body["data"]["relationships"]["item_type"]["data"]["id"] = str(self.page)
        return self.garden.knock()("POST", "/cma/items", body)

    def tell(self, **said: Any) -> NodeId:
        made = id_of(self.make(**said))
        assert self.garden.knock()("PUT", f"/cma/items/{made}/publish").status == 200
        return made

    def read(self, address: str) -> Any:
        seen = self.garden.knock()("GET", address)
        assert seen.status == 200, seen.raw
        return seen.json["data"]


@pytest.fixture
def shelf(any_garden: Garden) -> Shelf:
    return Shelf(any_garden)


@pytest.fixture
def plain(garden: Garden) -> Shelf:
    return Shelf(garden)


def test_every_locale_is_written_and_read(shelf: Shelf) -> None:
    """Without a locale all values are shown; the schema describes one locale's value."""
    told = shelf.tell(headline={"en": "Hello", "de": "Hallo"})
    for base in ("/cma", "/cda", "/cda/preview"):
        said = shelf.read(f"{base}/items/{told}")["attributes"]
        assert said == {"headline": {"en": "Hello", "de": "Hallo"}}


@pytest.mark.parametrize("base", ["/cda", "/cda/preview"])
def test_one_locale_with_a_fallback(shelf: Shelf, base: str) -> None:
    """Asked for in a locale, a value is that locale's, or else the default's, or null."""
    both = shelf.tell(title="a", headline={"en": "Hello", "de": "Hallo"})
    only = shelf.tell(title="b", headline={"fr": "Bonjour"})
    for locale, expected in (
        ("en", ["Hello", None]),
        ("de", ["Hallo", None]),
        ("fr", ["Hello", "Bonjour"]),
    ):
        singles = [
            shelf.read(f"{base}/items/{one}?locale={locale}")["attributes"]["headline"]
            for one in (both, only)
        ]
        listed = shelf.read(f"{base}/items?locale={locale}&sort=slug")
        assert singles == [one["attributes"]["headline"] for one in listed] == expected
        assert [one["attributes"]["title"] for one in listed] == ["a", "b"]


@pytest.mark.parametrize(
    ("headline", "at"),
    [
        ({"en": "Hello", "it": "Ciao"}, "headline/it"),
        ({"en": "Hello", "EN": "Hello"}, "headline/EN"),
        ({"en": "x"}, "headline/en"),
        ({"en": None}, "headline/en"),
        ("Hello", "headline"),
        (["Hello"], "headline"),
    ],
)
def test_wrong_values(plain: Shelf, headline: object, at: str) -> None:
    """An unknown locale, or a value that its schema refuses, is a 422 that names the locale."""
    refused = plain.make(headline=headline)
    assert refused.status == 422
    assert refused.json["errors"][0]["source"]["pointer"] == f"/data/attributes/{at}"


@pytest.mark.parametrize("locale", ["it", "", "EN", "en,de"])
def test_an_unknown_locale_is_not_read(plain: Shelf, locale: str) -> None:
    """A locale that the organization lacks is a 400 that names the parameter."""
    told = plain.tell(headline={"en": "Hello"})
    for address in (f"/cda/items/{told}", "/cda/preview/items"):
        refused = plain.garden.knock()("GET", f"{address}?locale={locale}")
        assert refused.status == 400
        assert refused.json["errors"][0]["source"]["parameter"] == "locale"


def test_references_in_a_locale(shelf: Shelf) -> None:
    """A list of references may be localized; each locale's is judged and cut as any other."""
    near = shelf.garden.entry(shelf.garden.root, "near", published=True)
    draft = shelf.garden.entry(shelf.garden.root, "draft")
    told = shelf.tell(authors={"en": [str(near)], "de": [str(near), str(draft)]})
    whole = shelf.read(f"/cda/items/{told}")["attributes"]
    assert whole == {"authors": {"en": [str(near)], "de": [str(near)]}}
    one = shelf.read(f"/cda/items/{told}?locale=de")["attributes"]
    assert one == {"authors": [str(near)]}
    refused = shelf.make(authors={"de": ["1234567890123456"]})
    assert refused.json["errors"][0]["source"]["pointer"] == "/data/attributes/authors/de/0"


def test_locales_are_chosen(shelf: Shelf) -> None:
    """The first is the default; one that is taken away can no longer be written or asked for."""
    told = shelf.tell(headline={"en": "Hello", "de": "Hallo"})
    assert shelf.read("/cma/locales")["attributes"] == {"codes": ["en", "de", "fr"]}
    assert shelf.choose("de", "pt-BR").status == 200
    assert shelf.read("/cma/locales")["attributes"] == {"codes": ["de", "pt-BR"]}
    said = shelf.read(f"/cda/items/{told}?locale=pt-BR")["attributes"]
    assert said == {"headline": "Hallo"}
    assert shelf.make(headline={"en": "Hello"}).status == 422
    body = {"data": {"type": "item", "attributes": {"title": "other"}}}
    assert shelf.garden.knock()("PATCH", f"/cma/items/{told}", body).status == 200


@pytest.mark.parametrize(
    "codes",
    [[], ["en", "en"], ["EN"], ["e"], ["en_GB"], [""], [f"en-{n:03}" for n in range(101)]],
)
def test_wrong_locales(plain: Shelf, codes: list[str]) -> None:
    """What is no list of locales is a 422, and the old ones stay."""
    assert plain.choose(*codes).status == 422
    assert plain.read("/cma/locales")["attributes"] == {"codes": ["en", "de", "fr"]}


def test_who_may_choose_them(plain: Shelf) -> None:
    """Only who manages the policy chooses locales; who reads content sees them."""
    editor = token(may=EVERY_SCOPE & ~Scope.POLICY_MANAGE.bit)
    assert plain.choose("it", caller=editor).status == 403
    assert plain.garden.knock(editor)("GET", "/cma/locales").status == 200
    assert plain.choose("it", caller=token()).status == 200


def test_an_organization_that_never_chose(garden: Garden) -> None:
    """Content is in English until somebody says otherwise."""
    seen = garden.knock()("GET", "/cma/locales")
    assert seen.json["data"]["attributes"] == {"codes": ["en"]}


def test_graphql_reads_the_same(shelf: Shelf) -> None:
    """GraphQL shows a locale's value with the same fallback, and the default one unasked."""
    shelf.tell(headline={"en": "Hello", "de": "Hallo"})
    query = (
        '{ allPages { headline de: headline(locale: "de") fr: headline(locale: "fr")'
        ' it: headline(locale: "it") } }'
    )
    seen = shelf.garden.knock()("POST", "/graphql", {"query": query}).json
    assert seen["data"]["allPages"] == [
        {"headline": "Hello", "de": "Hallo", "fr": "Hello", "it": None}
    ]
    assert seen["errors"][0]["extensions"]["code"] == "INVALID_REQUEST"

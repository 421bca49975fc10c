"""Entries that name others: judged when they are written, cut to what the reader sees."""

from __future__ import annotations

from typing import Any, Final

import pytest

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content import define_type, schema
from counterfoil.content.schema import read_schema
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import NodeId
from support.content import Garden, id_of, item_body, token

PROPERTIES: Final[dict[str, Any]] = {
    "author": {"type": "string", "x-reference": ["article"]},
    "related": {"type": "array", "items": {"type": "string", "x-reference": []}},
    "cover": {"type": "string", "x-asset": True},
    "blocks": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"link": {"type": "string", "x-reference": []}, "said": {}},
        },
    },
}
UNKNOWN: Final = "1234567890123456"
A: Final = "/properties/a"


class Shelf:
    """A garden with a type of entries that name others, of which some lie outside a root."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        self.inside = garden.folder(garden.root, "inside")
        outside = garden.folder(garden.root, "outside")
        self.story = garden.shaped("story", **PROPERTIES)
        self.near = garden.entry(self.inside, "near", published=True)
        self.far = garden.entry(outside, "far", published=True)
        self.draft = garden.entry(self.inside, "draft")
        self.gone = garden.entry(self.inside, "gone", published=True)
        self.cover = garden.asset(self.inside, "cover.png")
        self.remote = garden.asset(outside, "remote.png")

    @property
    def visitor(self) -> Caller:
        """Somebody who may do everything inside, and nothing elsewhere."""
        return token(self.inside)

    def tell(self, **said: Any) -> NodeId:
        """Write a story as the gardener, who sees all."""
        return self.garden.told(self.inside, self.story, title="t", **said)

    def make(self, by: Caller | None = None, /, **said: Any) -> Any:
        body = item_body(self.garden, self.inside, **said)
        body["data"]["relationships"]["item_type"]["data"]["id"] = str(self.story)
        return self.garden.knock(by)("POST", "/cma/items", body)

    def read(self, id_: NodeId, base: str, caller: Caller | None = None) -> Any:
        seen = self.garden.knock(caller)("GET", f"{base}/items/{id_}")
        assert seen.status == 200, seen.raw
        return seen.json["data"]["attributes"]


@pytest.fixture
def shelf(any_garden: Garden) -> Shelf:
    return Shelf(any_garden)


@pytest.fixture
def plain(garden: Garden) -> Shelf:
    return Shelf(garden)


def test_a_reference_names_what_there_is(shelf: Shelf) -> None:
    """What names entries and assets of the right kind is kept; its writer reads it back."""
    near, cover = str(shelf.near), str(shelf.cover)
    said = {
        "author": near,
        "related": [near, str(shelf.draft)],
        "cover": cover,
        "blocks": [{"link": near, "said": 1}, {"said": 2}],
    }
    made = shelf.make(shelf.visitor, **said)
    assert made.status == 201, made.raw
    assert made.json["data"]["attributes"] == said
    assert shelf.read(id_of(made), "/cma", shelf.visitor) == said


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (lambda _: {"author": UNKNOWN}, "author"),
        (lambda on: {"author": str(on.cover)}, "author"),
        (lambda on: {"author": f"nod_{on.near}"}, "author"),
        (lambda _: {"author": ""}, "author"),
        (lambda _: {"author": "9" * 16}, "author"),
        (lambda on: {"author": str(on.inside)}, "author"),
        (lambda on: {"cover": str(on.near)}, "cover"),
        (lambda on: {"related": [str(on.near), UNKNOWN]}, "related/1"),
        (lambda _: {"blocks": [{}, {"link": UNKNOWN}]}, "blocks/1/link"),
        (lambda on: {"related": [str(on.near)] * 251}, "related"),
    ],
)
def test_a_wrong_reference(plain: Shelf, said: Any, at: str) -> None:
    """What is unknown, of another kind, misspelled or too many is a 422 that names the member."""
    refused = plain.make(**said(plain))
    assert refused.status == 422
    assert refused.json["errors"][0]["source"]["pointer"] == f"/data/attributes/{at}"


def test_a_reference_of_another_type(plain: Shelf) -> None:
    """A property that allows one type refuses entries of others; one that allows all takes them."""
    story = str(plain.tell())
    assert plain.make(author=story).status == 422
    assert plain.make(related=[story]).status == 201


@pytest.mark.parametrize("name", ["author", "cover"])
def test_outside_and_unknown_are_one(plain: Shelf, name: str) -> None:
    """Who may not read a target is told what they are told of one that is not there (S28, S31)."""
    far = str(plain.far if name == "author" else plain.remote)
    plain.garden.trash(plain.gone)
    answers = []
    for named in (far, UNKNOWN, str(plain.gone)):
        said: dict[str, Any] = {name: named}
        refused = plain.make(plain.visitor, **said)
        assert refused.status == 422
        answers.append(refused.raw.replace(refused.headers["x-request-id"].encode(), b"-"))
    assert answers[0] == answers[1] == answers[2]
    assert plain.make(**{name: far}).status == 201


def test_an_asset_asks_for_its_own_scope(plain: Shelf) -> None:
    """Who may not read assets names none (S28)."""
    writer = token(may=scopes(Scope.CONTENT_READ, Scope.CONTENT_WRITE))
    assert plain.make(writer, cover=str(plain.cover)).status == 422
    assert plain.make(writer, author=str(plain.near)).status == 201


def test_what_is_not_seen_is_null(shelf: Shelf) -> None:
    """Outside, unpublished or gone is null, and absent in lists, on each surface (S30, S33)."""
    named = [str(one) for one in (shelf.near, shelf.far, shelf.draft, shelf.gone)]
    singles = [shelf.tell(author=one) for one in named]
    whole = shelf.tell(
        related=named,
        cover=str(shelf.remote),
        blocks=[{"link": one, "said": one[:3]} for one in named],
    )
    shelf.garden.trash(shelf.gone)
    near, far, draft, _ = named
    for base, caller, seen in (
        ("/cda", None, [near, far]),
        ("/cda", shelf.visitor, [near]),
        ("/cda/preview", shelf.visitor, [near, draft]),
        ("/cma", shelf.visitor, [near, draft]),
        ("/cma", None, [near, far, draft]),
    ):
        expected = [one if one in seen else None for one in named]
        assert [shelf.read(one, base, caller)["author"] for one in singles] == expected
        told = shelf.read(whole, base, caller)
        assert told["related"] == seen
        assert [block["link"] for block in told["blocks"]] == expected
        assert [block["said"] for block in told["blocks"]] == [one[:3] for one in named]
        assert told["cover"] == (None if caller else str(shelf.remote))
        listed = shelf.garden.knock(caller)("GET", f"{base}/items?filter[type]=story")
        by_id = {one["id"]: one["attributes"] for one in listed.json["data"]}
        assert by_id[str(whole)] == told
        assert [by_id[str(one)]["author"] for one in singles] == expected


def test_a_role_hides_what_it_does_not_reach(plain: Shelf) -> None:
    """A reference is cut by the role behind a credential as by its own roots (S30)."""
    told = plain.tell(author=str(plain.far), related=[str(plain.near), str(plain.far)])
    member = token(terms=(Term(EVERY_SCOPE, frozenset({plain.inside})),))
    said = plain.read(told, "/cda", member)
    assert (said["author"], said["related"]) == (None, [str(plain.near)])


def test_what_its_editor_does_not_see_stays(plain: Shelf) -> None:
    """An edit of other members keeps a reference that its editor does not see; naming it is not."""
    told = plain.tell(author=str(plain.far))
    knock = plain.garden.knock(plain.visitor)

    def edit(**attributes: Any) -> Any:
        body = {"data": {"type": "item", "attributes": attributes}}
        return knock("PATCH", f"/cma/items/{told}", body)

    edited = edit(title="other")
    assert edited.status == 200
    assert edited.json["data"]["attributes"] == {"title": "other", "author": None}
    assert plain.read(told, "/cma")["author"] == str(plain.far)
    assert edit(author=str(plain.far)).status == 422
    assert edit(author=str(plain.near)).status == 200


def test_older_versions_are_cut_too(plain: Shelf) -> None:
    """History shows of each version what the reader sees today (S30)."""
    told = plain.tell(author=str(plain.far))
    body = {"data": {"type": "item", "attributes": {"author": str(plain.near)}}}
    assert plain.garden.knock()("PATCH", f"/cma/items/{told}", body).status == 200
    for caller, authors in (
        (plain.visitor, [str(plain.near), None]),
        (None, [str(plain.near), str(plain.far)]),
    ):
        seen = plain.garden.knock(caller)("GET", f"/cma/items/{told}/versions")
        assert [one["attributes"]["author"] for one in seen.json["data"]] == authors


@pytest.mark.parametrize("base", ["/cma", "/cda", "/cda/preview"])
def test_a_type_that_changed_shows_no_more(plain: Shelf, base: str) -> None:
    """What a property held before it took another shape is null until it is written anew (S30)."""
    told = plain.tell(author=str(plain.far), related=[str(plain.far)])
    swapped = {**PROPERTIES, "author": PROPERTIES["related"], "related": PROPERTIES["author"]}
    with plain.garden.work() as work:
        body = {"type": "object", "properties": {"title": {}, **swapped}}
        define_type.edit_content_type(work, plain.story, body=body)
    said = plain.read(told, base, plain.visitor)
    assert (said["author"], said["related"]) == (None, None)


def test_content_without_references_goes_out_as_kept(plain: Shelf) -> None:
    """The content of a type that names nothing is not read on its way out, to the byte."""
    kept = plain.garden.entry(plain.inside, "kept", published=True, text="é")
    raw = plain.garden.knock()("GET", f"/cda/items/{kept}").raw
    assert '"attributes":{"title":"kept","text":"é"}'.encode() in raw


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"x-reference": []}, "/x-reference"),
        ({"properties": {"a": {"x-reference": "article"}}}, f"{A}/x-reference"),
        ({"properties": {"a": {"x-reference": [1]}}}, f"{A}/x-reference"),
        ({"properties": {"a": {"x-asset": 1}}}, f"{A}/x-asset"),
        ({"properties": {"a": {"x-asset": True, "x-reference": []}}}, f"{A}/x-asset"),
        ({"properties": {"a": {"anyOf": [{"x-reference": []}]}}}, f"{A}/anyOf/0/x-reference"),
        ({"$defs": {"a": {"x-asset": True}}}, "/$defs/a/x-asset"),
        ({"properties": {"a": {"prefixItems": [{"x-asset": True}]}}}, f"{A}/prefixItems/0/x-asset"),
        ({"patternProperties": {"a": {"x-reference": []}}}, "/patternProperties/a/x-reference"),
        ({"additionalProperties": {"x-reference": []}}, "/additionalProperties/x-reference"),
        (
            {"properties": {"a": {"x-reference": [], "items": {"x-asset": True}}}},
            f"{A}/items/x-asset",
        ),
        ({"properties": {"a": {"items": {"x-localized": True}}}}, f"{A}/items/x-localized"),
        ({"x-localized": True}, "/x-localized"),
        ({"properties": {f"p{n}": {"x-asset": True} for n in range(101)}}, ""),
    ],
)
def test_a_word_that_would_say_nothing(body: dict[str, Any], at: str) -> None:
    """A keyword of ours where nobody looks for it is refused, and cannot hide a reference (S30)."""
    with pytest.raises(Invalid) as refusal:
        read_schema(body, "urn:test:x")
    assert refusal.value.field == f"/data/attributes/body{at}"


def test_words_in_names_and_data_are_none(garden: Garden) -> None:
    """A property may be called what we call a keyword, and an example may hold one."""
    garden.shaped("odd", **{"x-reference": {"type": "string"}, "a": {"enum": [{"x-asset": 1}]}})
    body = schema.read_schema({"properties": {"items": {"x-reference": []}}}, "urn:test:y")
    assert b"x-reference" in body


def test_surfaces_are_not_mixed(plain: Shelf) -> None:
    """A token of delivery alone reads a published entry with a published reference (D9)."""
    told = plain.tell(author=str(plain.near))
    reader = token(surfaces=Surface.DELIVERY.bit)
    assert plain.read(told, "/cda", reader)["author"] == str(plain.near)

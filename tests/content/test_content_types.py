"""Content types and assets: what shapes an entry, and what is known of a file."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from counterfoil import content
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content import define_type, tree, write
from counterfoil.content.define_type import delete_content_type, edit_content_type
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound
from counterfoil.operation import Work
from support.content import ARTICLE, EDIT, READS, Garden, said, token


def test_a_content_type_in_use_stays(any_garden: Garden) -> None:
    """A type that an entry uses, in the trash or not, is not removed; an unused one is."""
    post = any_garden.entry(any_garden.root, "post")
    any_garden.trash(post)
    with pytest.raises(Conflict) as refusal, any_garden.work() as work:
        delete_content_type(work, any_garden.article)
    assert refusal.value.code is Code.IN_USE
    with any_garden.work() as work:
        spare = define_type.create_content_type(work, "spare", "Spare", "https://s.test/s", {})
    with any_garden.work() as work:
        delete_content_type(work, spare.id)
    with pytest.raises(NotFound), any_garden.work() as work:
        delete_content_type(work, spare.id)


@pytest.mark.parametrize(("api_key", "uri"), [("article", "u:new"), ("new", "u:article")])
def test_content_types_have_names_of_their_own(any_garden: Garden, api_key: str, uri: str) -> None:
    """Neither the api_key nor the URI of a content type is given twice in an organization."""
    with any_garden.work() as work:
        define_type.create_content_type(work, "article", "Article", "u:article", {})
    with pytest.raises(Conflict) as refusal, any_garden.work() as work:
        define_type.create_content_type(work, api_key, "Other", uri, {})
    assert refusal.value.code is Code.NAME_TAKEN


def test_publishing_holds_to_the_type_of_today(garden: Garden) -> None:
    """A draft that its content type no longer allows is not published."""
    post = garden.entry(garden.root, "post")
    stricter: dict[str, Any] = {**ARTICLE, "required": ["title", "text"]}
    with garden.work() as work:
        edit_content_type(work, garden.article, body=stricter)
    with pytest.raises(Invalid) as refusal, garden.work() as work:
        content.publish(work, post)
    assert refusal.value.field == "/data/attributes"
    with garden.work() as work:
        write.edit_entry(work, post, {"text": "now"})
        content.publish(work, post)


def test_assets_are_on_delivery_as_they_are(garden: Garden) -> None:
    """An asset has no draft: what is changed of it is on delivery at once."""
    logo = garden.asset(garden.root, "logo.png")
    with garden.work() as work:
        write.edit_asset(work, logo, {"size": 9})
    wanted = b'{"filename":"logo.png","media_type":"image/png","size":9}'
    assert said(garden, logo, Surface.DELIVERY) == wanted


def test_an_asset_asks_for_the_right_to_write_assets(garden: Garden) -> None:
    """Moving, renaming or trashing an asset takes assets:write beside the right to content."""
    logo = garden.asset(garden.root, "logo.png")
    writer = token(may=READS | scopes(Scope.CONTENT_WRITE, Scope.CONTENT_DELETE))
    with pytest.raises(Denied), garden.work(writer) as work:
        tree.rename(work, logo, "new.png")
    with pytest.raises(Denied), garden.work(writer) as work:
        tree.trash(work, logo)
    with garden.work(token(may=EDIT)) as work:
        tree.trash(work, logo)
    with pytest.raises(Denied), garden.work(writer) as work:
        tree.restore(work, logo)


def test_roots_bound_who_shapes_entries(garden: Garden) -> None:
    """Whom roots bound changes no content type, and learns of none whether it is in use (S30)."""
    mine, theirs = garden.folder(garden.root, "mine"), garden.folder(garden.root, "theirs")
    garden.entry(theirs, "post")
    with garden.work() as work:
        spare = define_type.create_content_type(work, "spare", "Spare", "u:spare", {}).id
    restricted = token(mine)
    by_role = token(terms=(Term(EVERY_SCOPE, frozenset({mine})),))
    attempts: tuple[Callable[[Work], object], ...] = (
        lambda work: delete_content_type(work, spare),
        lambda work: delete_content_type(work, garden.article),
        lambda work: edit_content_type(work, spare, body={"minProperties": 9}),
        lambda work: define_type.create_content_type(work, "new", "New", "u:new", {}),
    )
    refused = ((restricted, Code.OUTSIDE_ROOT_NODES), (by_role, Code.INSUFFICIENT_ROLE))
    for (caller, code), attempt in product(refused, attempts):
        with pytest.raises(Denied) as refusal, garden.work(caller) as work:
            attempt(work)
        assert refusal.value.code is code
    with garden.work(restricted) as work:
        assert define_type.show_content_type(work, spare).name == "Spare"

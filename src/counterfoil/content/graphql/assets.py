"""The GraphQL Asset Management API at `/graphql/assets`: folders and assets, looked up and managed.

By a personal token as by a key and secret (A9, A14), through the same verbs as `/cma/nodes`. The
fields of one mutation are one work: if any of them is refused, none has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias, TypedDict, Unpack

import msgspec
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)

from counterfoil.content import read, tree, write
from counterfoil.content.doors.wire import node_id
from counterfoil.content.graphql.doors import ANY_JSON, GRAPHQL, Answered, carry_out
from counterfoil.content.graphql.engine import Asking
from counterfoil.content.graphql.fields import DATE_TIME, INTEGER, ITEM_ID, page_of
from counterfoil.content.graphql.records import refusal
from counterfoil.content.model import Asset, Kind, Node, Shown
from counterfoil.content.read import Listing
from counterfoil.content.steps import finding
from counterfoil.content.store.wish import Wish
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.clock import spell_whole
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.operation import Work

Info: TypeAlias = GraphQLResolveInfo[Work]
_WORDS: Final = ("author", "copyright", "notes")
_TEXTS: Final = ("alt", "title")
_LOCALE: Final = {"locale": GraphQLArgument(GraphQLNonNull(GraphQLString))}


def _said(shown: Shown, name: str) -> object:
    if shown.content is None:
        return None
    return msgspec.json.decode(shown.content, type=dict[str, object]).get(name)


def _told(name: str, shown: Shown, _info: object, locale: str) -> str | None:
    texts = _said(shown, name)
    return texts.get(locale) if isinstance(texts, dict) else None


def _field(type_: GraphQLScalarType, look: Callable[[Shown], object]) -> GraphQLField:
    return GraphQLField(type_, {}, lambda shown, _info: look(shown))


_PLACE: Final = {
    "id": _field(ITEM_ID, lambda shown: str(shown.node.id)),
    "slug": _field(GraphQLString, lambda shown: shown.node.slug),
    "parent": _field(ITEM_ID, lambda shown: shown.parent and str(shown.parent)),
    "createdAt": _field(DATE_TIME, lambda shown: spell_whole(shown.node.created_at)),
    "updatedAt": _field(DATE_TIME, lambda shown: spell_whole(shown.node.updated_at)),
    "version": _field(INTEGER, lambda shown: shown.node.version),
}
FOLDER: Final = GraphQLObjectType("Folder", dict(_PLACE))
ASSET: Final = GraphQLObjectType(
    "Asset",
    {
        **_PLACE,
        "filename": _field(GraphQLString, lambda shown: _said(shown, "filename")),
        "mimeType": _field(GraphQLString, lambda shown: _said(shown, "media_type")),
        "size": _field(INTEGER, lambda shown: _said(shown, "size")),
        **{name: _field(GraphQLString, partial(_said, name=name)) for name in _WORDS},
        **{name: GraphQLField(GraphQLString, _LOCALE, partial(_told, name)) for name in _TEXTS},
        "tags": GraphQLField(
            GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString))),
            {},
            lambda shown, _info: _said(shown, "tags") or [],
        ),
    },
)


def _find(kinds: tuple[Kind, ...], _root: object, info: Info, id_: str) -> Shown:
    try:
        return read.show_node(info.context, node_id(id_), kinds)
    except CounterfoilError as error:
        raise refusal(error) from None


def _every(
    kinds: tuple[Kind, ...],
    _root: object,
    info: Info,
    first: int | None = None,
    skip: int | None = None,
    under: str | None = None,
) -> list[Shown]:
    size, offset = page_of(first, skip)
    below = None if under is None else node_id(under)
    listing = Listing(Wish(kinds=kinds), under=below, size=size, offset=offset, counted=False)
    return read.list_nodes(info.context, listing).items


def _shown(info: Info, node: Node) -> Shown:
    return finding.shown(info.context, node)


def _create_folder(_root: object, info: Info, parent: str, slug: str) -> Shown:
    return _shown(info, tree.create_folder(info.context, node_id(parent), slug))


class _Facts(TypedDict):
    """What `createAsset` is told of a file."""

    filename: str
    media_type: str
    size: int


def _create_asset(
    _root: object, info: Info, parent: str, slug: str, **facts: Unpack[_Facts]
) -> Shown:
    return _shown(info, write.create_asset(info.context, node_id(parent), slug, Asset(**facts)))


def _update_asset(_root: object, info: Info, id_: str, **changes: str | None) -> Shown:
    said = {name: value for name, value in changes.items() if value is not None}
    return _shown(info, write.edit_asset(info.context, node_id(id_), said))


def _move(
    kind: Kind,
    _root: object,
    info: Info,
    id_: str,
    parent: str,
    slug: str | None = None,
) -> Shown:
    return _shown(info, tree.move(info.context, node_id(id_), node_id(parent), slug, kind=kind))


def _delete(kind: Kind, _root: object, info: Info, id_: str) -> Shown:
    return _shown(info, tree.trash(info.context, node_id(id_), None, kind))


def _arguments(**types: GraphQLInputType) -> dict[str, GraphQLArgument]:
    """Return what a field takes; `id` comes to its resolver as `id_`."""
    return {
        name: GraphQLArgument(type_, out_name="id_" if name == "id" else None)
        for name, type_ in types.items()
    }


_ID: Final = GraphQLNonNull(ITEM_ID)
_TEXT: Final = GraphQLNonNull(GraphQLString)
_NAMED: Final = _arguments(id=_ID)
_PAGE: Final = _arguments(first=INTEGER, skip=INTEGER, under=ITEM_ID)
_ASSETS, _FOLDERS = (Kind.ASSET,), (Kind.FOLDER,)


def _list(type_: GraphQLObjectType) -> GraphQLNonNull[Any]:
    return GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))


SCHEMA: Final = GraphQLSchema(
    GraphQLObjectType(
        "Query",
        {
            "asset": GraphQLField(ASSET, _NAMED, partial(_find, _ASSETS)),
            "folder": GraphQLField(FOLDER, _NAMED, partial(_find, _FOLDERS)),
            "allAssets": GraphQLField(_list(ASSET), _PAGE, partial(_every, _ASSETS)),
            "allFolders": GraphQLField(_list(FOLDER), _PAGE, partial(_every, _FOLDERS)),
        },
    ),
    GraphQLObjectType(
        "Mutation",
        {
            "createFolder": GraphQLField(
                FOLDER, _arguments(parent=_ID, slug=_TEXT), _create_folder
            ),
            "createAsset": GraphQLField(
                ASSET,
                {
                    **_arguments(parent=_ID, slug=_TEXT, filename=_TEXT),
                    "mimeType": GraphQLArgument(_TEXT, out_name="media_type"),
                    "size": GraphQLArgument(GraphQLNonNull(INTEGER)),
                },
                _create_asset,
            ),
            "updateAsset": GraphQLField(
                ASSET,
                {
                    **_arguments(id=_ID, filename=GraphQLString),
                    "mimeType": GraphQLArgument(GraphQLString, out_name="media_type"),
                },
                _update_asset,
            ),
            "moveAsset": GraphQLField(
                ASSET,
                _arguments(id=_ID, parent=_ID, slug=GraphQLString),
                partial(_move, Kind.ASSET),
            ),
            "moveFolder": GraphQLField(
                FOLDER,
                _arguments(id=_ID, parent=_ID, slug=GraphQLString),
                partial(_move, Kind.FOLDER),
            ),
            "deleteAsset": GraphQLField(ASSET, _NAMED, partial(_delete, Kind.ASSET)),
            "deleteFolder": GraphQLField(FOLDER, _NAMED, partial(_delete, Kind.FOLDER)),
        },
    ),
)


ROUTES: Final = (
    Route(
        "POST",
        "/graphql/assets",
        partial(carry_out, SCHEMA),
        "node.list",
        "Look up and manage folders and assets",
        idempotent=True,
        takes=Asking,
        reads=ANY_JSON,
        example={"query": "{ allAssets(first: 3) { id filename } }"},
        gives={200: Answered},
        dialect=GRAPHQL,
        section="GraphQL",
        also=(
            "node.show",
            "node.create_folder",
            "asset.create",
            "asset.edit",
            "node.move",
            "node.trash",
        ),
        fails=(Code.NAME_TAKEN, Code.NOT_FOUND),
    ),
)

"""Where API tokens stand in the asset tree: below Content API Manager, in System Management.

It is a view of the tokens there are and no second truth: a token has no row in the tree of nodes,
and its name decides nothing (Q1, Q4).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi.given import Given, Identifier, Many, One, ToMany, ToOne, to_many, to_one
from counterfoil.jsonapi.parameter import TEXT, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import NotFound
from counterfoil.operation import Work
from counterfoil.tokens.api_token_show import list_api_tokens
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.steps.told import tokens_told

SYSTEM: Final = "system_management"
MANAGER: Final = "content_api_manager"
_PATH: Final = "/cma/asset_tree"
_route = partial(Route, section="API tokens")


class RootNodes(Given, frozen=True):
    """The root nodes of an API token; null is the whole tree."""

    data: list[Identifier] | None


class AssetFacts(Given, frozen=True):
    """What an asset is; `enabled` is said of API tokens alone."""

    name: str
    kind: Literal["folder", "manager", "api_token"]
    enabled: bool | UnsetType = UNSET


class AssetPlace(Given, frozen=True):
    """Where an asset stands. An API token links to its root nodes; null restricts nothing."""

    parent: ToOne
    children: ToMany
    token: ToOne | UnsetType = UNSET
    root_nodes: RootNodes | UnsetType = UNSET


class TreeAsset(Given, frozen=True, tag_field="type", tag="asset"):
    """An asset of the tree below System Management."""

    id: str
    attributes: AssetFacts
    relationships: AssetPlace


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/asset_tree: all that stands below System Management, from the top down."""
    with asked.read() as work:
        assets = _assets(work)
    return Answer(200, Many(assets))


def found(asked: Asked) -> Answer:
    """Answer GET /cma/asset_tree/{id}: one asset, with the ids of its children."""
    with asked.read() as work:
        assets = {one.id: one for one in _assets(work)}
    one = assets.get(asked.params["id"].removeprefix("tok_"))
    if one is None:
        raise NotFound
    return Answer(200, One(one))


def _assets(work: Work) -> list[TreeAsset]:
    tokens = tokens_told(work, list_api_tokens(work))
    children = [str(token.id) for token in tokens]
    return [
        _asset(SYSTEM, "System Management", "folder", None, [MANAGER]),
        _asset(MANAGER, "Content API Manager", "manager", SYSTEM, children),
        *(_token(token, work) for token in tokens),
    ]


def _asset(
    id_: str,
    name: str,
    kind: Literal["folder", "manager"],
    parent: str | None,
    children: Sequence[str],
) -> TreeAsset:
    place = AssetPlace(parent=to_one("asset", parent), children=to_many("asset", children))
    return TreeAsset(id=id_, attributes=AssetFacts(name=name, kind=kind), relationships=place)


def _token(token: Token, work: Work) -> TreeAsset:
    grant = token.grant_in(work.caller.organization)
    roots = grant.bounds.roots
    facts = AssetFacts(name=token.name, kind="api_token", enabled=grant.state is not State.DISABLED)
    place = AssetPlace(
        parent=to_one("asset", MANAGER),
        children=to_many("asset", []),
        token=to_one("api_token", token.id),
        root_nodes=RootNodes(data=None if roots is None else to_many("node", sorted(roots)).data),
    )
    return TreeAsset(id=str(token.id), attributes=facts, relationships=place)


_ASSET: Final = Parameter(
    "id", f"`{SYSTEM}`, `{MANAGER}`, or the id of an API token.", TEXT, MANAGER
)

ROUTES: Final = (
    _route(
        "GET", _PATH, shown, "api_token.list", "Show where API tokens stand in the asset tree",
        gives={200: Many[TreeAsset]},
    ),
    _route(
        "GET", f"{_PATH}/{{id}}", found, "api_token.list", "Show one asset of that tree",
        gives={200: One[TreeAsset]},
        parts=(_ASSET,),
    ),
)  # fmt: skip
"""The management assets of the tree."""

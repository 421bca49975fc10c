"""Where API tokens stand in the asset tree: below Content API Manager, in System Management.

It is a view of the tokens there are and no second truth: a token has no row in the tree of nodes,
and its name decides nothing (Q1, Q4).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from counterfoil.jsonapi.document import document, resource, to_many, to_one
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import NotFound
from counterfoil.operation import Work
from counterfoil.tokens.api_token_show import list_api_tokens
from counterfoil.tokens.model import State, Token

SYSTEM: Final = "system_management"
MANAGER: Final = "content_api_manager"
_PATH: Final = "/cma/asset_tree"
_route = partial(Route, section="API tokens")


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/asset_tree: all that stands below System Management, from the top down."""
    with asked.read() as work:
        assets = _assets(work)
    return Answer(200, document(assets))


def found(asked: Asked) -> Answer:
    """Answer GET /cma/asset_tree/{id}: one asset, with the ids of its children."""
    with asked.read() as work:
        assets = {one["id"]: one for one in _assets(work)}
    one = assets.get(asked.params["id"].removeprefix("tok_"))
    if one is None:
        raise NotFound
    return Answer(200, document(one))


def _assets(work: Work) -> list[dict[str, Any]]:
    tokens = list_api_tokens(work)
    children = [token.id for token in tokens]
    return [
        _asset(SYSTEM, "System Management", "folder", None, [MANAGER]),
        _asset(MANAGER, "Content API Manager", "manager", SYSTEM, children),
        *(_token(token, work) for token in tokens),
    ]


def _asset(
    id_: str, name: str, kind: str, parent: str | None, children: list[Any]
) -> dict[str, Any]:
    related = {"parent": to_one("asset", parent), "children": to_many("asset", children)}
    return resource("asset", id_, {"name": name, "kind": kind}, related)


def _token(token: Token, work: Work) -> dict[str, Any]:
    """Describe a token as an asset, linked to its root nodes; null roots restrict nothing."""
    grant = token.grant_in(work.caller.organization)
    roots = grant.bounds.roots
    attributes = {
        "name": token.name,
        "kind": "api_token",
        "enabled": grant.state is not State.DISABLED,
    }
    related = {
        "parent": to_one("asset", MANAGER),
        "children": to_many("asset", []),
        "token": to_one("api_token", token.id),
        "root_nodes": {"data": None} if roots is None else to_many("node", sorted(roots)),
    }
    return resource("asset", token.id, attributes, related)


ROUTES: Final = (
    _route("GET", _PATH, shown, "api_token.list", "Show where API tokens stand in the asset tree"),
    _route("GET", f"{_PATH}/{{id}}", found, "api_token.list", "Show one asset of that tree"),
)
"""The management assets of the tree."""

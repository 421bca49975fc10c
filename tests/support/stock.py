"""Things to ask for: one of any type that an address or a body names, made whenever one is wanted.

They are made by the requests that the reference shows, so whoever takes one has tried those too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from itertools import count
from typing import Any, Protocol

from counterfoil.app.routes import PROGRAMS
from counterfoil.dialects.datocms.wire import version_named
from counterfoil.kernel.ids import NodeId
from support.sample import Said

FILE = b"hello"
KINDS = (
    (r"/cma/(users|accounts)", "user"),
    (r"/cma/apis", "api"),
    (r".*/roles|/roles", "role"),
    (r"/cma/organizations|.*/hubs", "organization"),
    (r"/cma/(invitations|sessions|identities|passkeys)", "nothing"),
    (r"/cma/token_requests", "token_request"),
    (r"/cma/trash", "trashed"),
    (r"/cma/notices", "notice"),
    (r"/cma/personal_access_tokens|/agility/api/v1/tokens", "personal_access_token"),
    (r"/cma/key_pairs", "key_pair"),
    (r"/cma/webhooks", "webhook"),
    (r"/cma/api_tokens|/cma/asset_tree", "api_token"),
    (r".*access_tokens", "access_token"),
    (r".*/item-types|.*/content_type_schemas|.*/content-type", "item_type"),
    (r".*/items|/agility/.*/item|/agility/.*/batch", "item"),
    (r"/cma/assets|/cda/.*assets|/datocms/uploads", "asset"),
    (r"/datocms/(environments|job-results)", "environment"),
    (r"/datocms/versions", "version"),
    (r".*/nodes|/__api/assets", "node"),
)
"""Of which type the `{id}` is in an address that begins so."""


MADE_AT = {
    "user": "/cma/users",
    "role": "/cma/roles",
    "api": "/cma/apis",
    "node": "/cma/nodes",
    "item": "/cma/items",
    "item_type": "/cma/item-types",
    "asset": "/cma/assets",
    "api_token": "/cma/api_tokens",
    "key_pair": "/cma/key_pairs",
    "webhook": "/cma/webhooks",
    "access_token": "/cma/access_tokens",
    "personal_access_token": "/cma/personal_access_tokens",
}


class Speaker(Protocol):
    """Who sends requests."""

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Said: ...


def example_of(method: str, path: str) -> Any:
    """Return a copy of the body that the reference shows for a route."""
    (route,) = (one for one in PROGRAMS if (one.method, one.path) == (method, path))
    return deepcopy(route.example)


def kind_of(path: str) -> str:
    """Return the type of what an address names."""
    return next(kind for pattern, kind in KINDS if re.match(pattern, path))


class Stock:
    """Makes things in the sample, each with a name that no other has."""

    def __init__(
        self,
        admin: Speaker,
        asker: Speaker,
        put: Callable[[str, bytes], int],
        told: dict[str, Any],
    ) -> None:
        """Make things as the admin, and requests as the asker, whose wait for approval.

        `put` sends a file without a credential; `told` is what `demo --json` said.
        """
        self.admin = admin
        self.asker = asker
        self.put = put
        self.told = told
        self._names = count(1)

    def speaker(self, path: str) -> Speaker:
        """Return who asks at an address: what is a requester's own, the asker."""
        return self.asker if path.endswith(("/cancel", "/remind")) else self.admin

    def one(self, kind: str) -> str:
        """Return the id of a thing of this type that nobody has used yet."""
        if kind == "organization":
            return str(self.told["organization"]["id"])
        if kind in {"environment", "nothing"}:
            return "main" if kind == "environment" else "4031846205310216"
        if kind == "notice":
            self._post("/cma/personal_access_tokens")
            return str(self.admin("GET", "/cma/notices").body["data"][0]["id"])
        if kind == "version":
            return version_named(NodeId(int(self.one("item"))), 1)
        if kind == "trashed":
            id_ = self.one("node")
            assert self.admin("DELETE", f"/cma/nodes/{id_}").status == 200
            return id_
        return self._request() if kind == "token_request" else self._post(MADE_AT[kind])

    def message(self, webhook: str) -> str:
        """Return the id of a message of a webhook: every new one is told that it is one."""
        found = self.admin("GET", f"/cma/webhooks/{webhook}/messages").body["data"]
        return str(found[0]["id"])

    def filled(self, value: Any, own: str = "") -> Any:
        """Return a body whose ids are of things that are there; `own` is what it is about."""
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, dict):
            return value
        inner = {name: self.filled(one, own * (name == "data")) for name, one in value.items()}
        if "roleID" in inner:  # Agility's word
            inner["roleID"] = self.one("role")
        if isinstance(value.get("type"), str) and "id" in value:
            inner["id"] = own or self._near(value["type"])
        if value.get("type") == "api_routes":
            brought = self.admin("GET", f"/cma/apis/{own}").body["data"]["attributes"]["scopes"]
            for route in inner["attributes"]["routes"]:
                route["scope"] = route["scope"] and brought[0]["name"]
        return inner

    def fresh(self, body: Any) -> Any:
        """Return a body in which nothing has a name that another thing may have already."""
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            return body
        number = next(self._names)
        for member in (data.get("attributes", {}), data.get("meta", {})):
            for name in member.keys() & {"name", "slug", "schema_id", "audience", "filename"}:
                member[name] += f"-{number}"
            if "api_key" in member:
                member["api_key"] += f"_{number}"
            if "email" in member:
                member["email"] = f"{number}-{member['email']}"
            for scope in member.get("scopes", ()):
                if isinstance(scope, dict):
                    scope["name"] = scope["name"].replace(":", f"{number}:")
        return body

    def _near(self, kind: str) -> str:
        """Return what another thing may be related to."""
        return str(self.told["nodes"]["/site"]) if kind == "node" else self.one(kind)

    def _post(self, path: str, speaker: Speaker | None = None) -> str:
        body = self.fresh(self.filled(example_of("POST", path)))
        if path == "/cma/assets":
            body["data"]["attributes"]["upload"] = self.uploaded()
        done = (speaker or self.admin)("POST", path, body)
        assert done.status in {200, 201, 202}, (path, done)
        return str(done.body["data"]["id"])

    def gated(self) -> str:
        """Return the id of a new API that stands behind a gate: its routes are declared."""
        id_, path = self.one("api"), "/cma/apis/{id}/routes"
        body = self.filled(example_of("PUT", path), id_)
        assert self.admin("PUT", path.replace("{id}", id_), body).status == 200
        return id_

    def everything(self) -> str:
        """Return the secret of a new service token of the admin role, let in everywhere."""
        role = {"data": {"type": "role", "id": self.told["roles"]["admin"]}}
        attributes = {
            "name": f"everything {next(self._names)}",
            "surfaces": ["delivery", "preview", "management"],
        }
        data = {"type": "api_token", "attributes": attributes, "relationships": {"role": role}}
        made = self.admin("POST", "/cma/api_tokens", {"data": data})
        return str(made.body["data"]["attributes"]["token"])

    def uploaded(self) -> str:
        """Upload a file; return the id of the upload."""
        given = self.admin(
            "POST", "/cma/upload_requests", example_of("POST", "/cma/upload_requests")
        )
        url = given.body["data"]["attributes"]["url"]
        done = self.put(url, FILE)
        assert done == 204, url
        return str(given.body["data"]["id"])

    def _request(self) -> str:
        token = self._post("/cma/personal_access_tokens", self.asker)
        waiting = self.admin("GET", "/cma/token_requests?filter[state]=open&page[size]=100").body
        (found,) = (
            one["id"]
            for one in waiting["data"]
            if one["relationships"]["token"]["data"]["id"] == token
        )
        return str(found)

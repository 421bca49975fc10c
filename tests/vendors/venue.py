"""Where a vendor's suite plays: the real server, its people, and tokens of every condition."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from counterfoil.demo.walk import Walk
from infra.server import Server
from support.sample import Said, Sample, Talker

ALL = ["delivery", "preview", "management"]


@dataclass(frozen=True)
class Patient:
    """One who waits where there were too many requests: what is set up is not what is tested."""

    talker: Talker

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Said:
        while (seen := self.talker(method, path, body, **headers)).status == 429:
            time.sleep(float(seen.headers["retry-after"]))
        return seen


@dataclass
class Venue:
    """The server of a suite, and who acts at it."""

    sample: Sample
    server: Server

    @property
    def url(self) -> str:
        """Where the server listens."""
        return self.server.url

    def node(self, path: str) -> str:
        """Return the id of one of the sample's folders."""
        return str(self.sample.told["nodes"][path])

    def article(self, under: str, status: str) -> str:
        """Return the id of an article below a folder that is a draft, or published."""
        path = f"/cma/items?filter[type]=article&filter[under]={self.node(under)}&page[size]=60"
        found = self.ann("GET", path).body["data"]
        return next(str(one["id"]) for one in found if one["meta"]["status"] == status)

    def role(self, name: str) -> str:
        """Return the id of a role."""
        return str(self.sample.told["roles"][name])

    def bearing(self, token: str, **more: str) -> Talker:
        """Return one who speaks with a token."""
        return Talker(self.server.port).bearing(token, **more)

    @cached_property
    def ann(self) -> Patient:
        """The admin, signed in."""
        return self.signed_in(0)

    @cached_property
    def ben(self) -> Patient:
        """The developer, signed in."""
        return self.signed_in(1)

    @cached_property
    def rita(self) -> Patient:
        """The reader, signed in."""
        return self.signed_in(2)

    def signed_in(self, place: int) -> Patient:
        """Sign one of the sample's people in."""
        person = self.sample.told["people"][place]
        with closing(Walk(self.url, tell=lambda _line: None)) as walk:
            session = walk.sign_in(person["email"], person["email"], person["password"])
        return Patient(self.bearing(session))

    def in_two_languages(self, path: str, **texts: dict[str, str]) -> str:
        """Publish an entry below a folder with texts in English and German; return its id."""
        codes = {"type": "locales", "attributes": {"codes": ["en", "de"]}}
        assert self.ann("PUT", "/cma/locales", {"data": codes}).status == 200
        said = {"type": "string", "x-localized": True}
        shape = {"api_key": "sign", "name": "Sign", "schema_id": "https://schema.example/sign.json"}
        body = {"type": "object", "properties": dict.fromkeys(texts, said)}
        type_ = {"type": "item_type", "attributes": {**shape, "body": body}}
        made = self.ann("POST", "/cma/item-types", {"data": type_})
        assert made.status == 201, made.body
        stands = {
            "parent": {"data": {"type": "node", "id": self.node(path)}},
            "item_type": {"data": {"type": "item_type", "id": made.body["data"]["id"]}},
        }
        item = {"type": "item", "attributes": texts, "relationships": stands}
        made = self.ann("POST", "/cma/items", {"data": item})
        id_ = str(made.body["data"]["id"])
        assert self.ann("PUT", f"/cma/items/{id_}/publish").status == 200
        return id_

    def under(self, preset: str) -> None:
        """Put the organization under a vendor's preset."""
        self.policy(preset=preset)

    def policy(self, **attributes: Any) -> None:
        """Change the policy."""
        path = f"/cma/organizations/{self.sample.told['organization']['id']}/token_policy"
        version = self.ann("GET", path).headers["etag"]
        body = {"data": {"type": "token_policy", "attributes": attributes}}
        done = self.ann("PATCH", path, body, If_Match=version)
        assert done.status == 200, done.body

    def ask(self, who: Patient, **attributes: Any) -> Said:
        """Ask for a personal token."""
        data = {"type": "personal_access_token", "attributes": attributes}
        return who("POST", "/cma/personal_access_tokens", {"data": data})

    def decide(self, made: Said) -> None:
        """Let the admin approve what was asked."""
        request = made.body["data"]["relationships"]["request"]["data"]
        path = f"/cma/token_requests/{request['id']}"
        seen = self.ann("GET", path)
        done = self.ann("POST", f"{path}/approve", If_Match=seen.headers["etag"])
        assert done.status == 200, done.body

    def personal(self, who: Patient, **attributes: Any) -> dict[str, str]:
        """Make a personal token, by the approval of an admin where the policy asks for it."""
        made = self.ask(who, **attributes)
        assert made.status in {201, 202}, made.body
        if made.status == 202:
            self.decide(made)
        return {"id": made.body["data"]["id"], "token": made.body["data"]["attributes"]["token"]}

    def api_token(
        self, role: str | None = None, user: str | None = None, **attributes: Any
    ) -> tuple[str, str]:
        """Make an API token of a role or a user; return its id and its secret."""
        lender = {"role": {"data": {"type": "role", "id": self.role(role)}}} if role else {}
        lender |= {"user": {"data": {"type": "user", "id": user}}} if user else {}
        said = {"name": "suite", "surfaces": ALL, "enabled": True, **attributes}
        data = {"type": "api_token", "attributes": said, "relationships": lender}
        made = self.ann("POST", "/cma/api_tokens", {"data": data})
        assert made.status == 201, made.body
        return made.body["data"]["id"], made.body["data"]["attributes"]["token"]

    def change(self, token: str, **attributes: Any) -> Said:
        """Change an API token."""
        data = {"type": "api_token", "attributes": attributes}
        done = self.ann("PATCH", f"/cma/api_tokens/{token}", {"data": data})
        assert done.status == 200, done.body
        return done

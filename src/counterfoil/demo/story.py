"""The main job over HTTP: a token is asked for, approved, used, refused, revoked, on record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from counterfoil.demo.trail import claims, rows
from counterfoil.demo.walk import Got, Walk, WalkBroken
from counterfoil.kernel.clock import spell_instant, system_clock

_TOKENS: Final = "/cma/personal_access_tokens"
_NAME: Final = "nightly"
_QUOTA: Final = 5
_COUNTED: Final = frozenset({"active", "pending", "disabled"})
_NOBODYS: Final = "1000000000000000"
_WANTED: Final = ("content:read", "content:write", "content:publish")
_READS_S: Final = 1.2
_GIVEN: Final = ("content:read", "content:write")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the story is about: people by first name, ids as strings."""

    emails: Mapping[str, str]
    passwords: Mapping[str, str]
    users: Mapping[str, str]
    roles: Mapping[str, str]
    nodes: Mapping[str, str]
    article: str


@dataclass(slots=True)
class Story:
    """The story while it is told: the people's sessions, and the token with its secret."""

    walk: Walk
    cast: Cast
    ann: str = ""
    ben: str = ""
    token: str = ""
    secret: str = ""
    request: str = ""
    ends_at: str = ""

    def tell(self) -> None:
        """Tell all of it, or as far as it goes."""
        try:
            self.ask()
            self.approve()
            self.use()
            self.overreach()
            self.lose_power()
            self.revoke()
            self.look_back()
        except WalkBroken as broken:
            self.walk.sure(f"the walk goes on to its end ({broken})", None)

    def ask(self) -> None:
        """Ben signs in and asks for a token, which opens nothing yet."""
        walk = self.walk
        walk.chapter("Ben, a developer, asks for a token")
        self.ben = self._sign_in("Ben")
        self.ends_at = _in_days(30)
        asked = self._request(
            "Ben asks to read, write and publish under /site/press",
            202,
            name=_NAME,
            scopes=list(_WANTED),
            roots=[self.cast.nodes["/site/press"]],
            surfaces=["delivery", "preview", "management"],
            expires_at=self.ends_at,
            justification="nightly rewrite of stale articles",
        )
        self.token, self.secret = asked.at("id"), asked.at("attributes", "token")
        walk.step(
            "he has the secret now, and it opens nothing before approval",
            ("GET", "/cda/items"),
            (401, "TOKEN_PENDING_APPROVAL"),
            by=self.secret,
        )

    def approve(self) -> None:
        """Ann approves less than was asked."""
        walk = self.walk
        walk.chapter("Ann, an admin, decides")
        self.ann = self._sign_in("Ann")
        waiting = walk.step(
            "Ann sees what waits for her",
            ("GET", "/cma/token_requests?filter%5Bstate%5D=open"),
            200,
            by=self.ann,
        )
        self.request = _of_token(waiting, self.token)
        approve = ("POST", f"/cma/token_requests/{self.request}/approve")
        body = {"data": {"type": "token_request", "attributes": {"scopes": list(_GIVEN)}}}
        walk.step("Ben may not approve it himself", approve, 403, by=self.ben, body=body,
                  headers={"if-match": '"1"'})  # fmt: skip
        walk.step("nobody approves without saying which version they read",
                  approve, (428, "PRECONDITION_REQUIRED"), by=self.ann, body=body)  # fmt: skip
        walk.step("Ann approves less than he asked for: all but publishing",
                  approve, 200, by=self.ann, body=body, headers={"if-match": '"1"'})  # fmt: skip

    def use(self) -> None:
        """The token works where it should, and nowhere else."""
        walk, press = self.walk, self.cast.nodes["/site/press"]
        walk.chapter("The token at work, with the secret that Ben has held all along")
        under = f"filter%5Bunder%5D={press}&page%5Bsize%5D=1"
        published = self._as_token(
            "it reads published content under its root", "/cda/items?" + under, 200
        )
        drafts = self._as_token("and drafts", "/cda/preview/items?" + under, 200)
        walk.sure(
            "of which there are more than published articles", _total(drafts) > _total(published)
        )
        self._as_token("it says of itself whose it is, and what it may do", "/cma/token", 200)
        draft = self._write("it writes an article, as Ben's role allows", 201)
        walk.chapter("Where its power ends")
        internal = self.cast.nodes["/site/internal"]
        outside = (403, "OUTSIDE_ROOT_NODES")
        self._as_token("what stands outside its root", f"/cda/nodes/{internal}", outside)
        self._as_token("and what does not exist look alike", f"/cda/nodes/{_NOBODYS}", outside)
        self._as_token("no filter leads there", f"/cda/items?filter%5Bunder%5D={internal}", outside)
        self._write("nothing is written there", outside, where=internal)
        walk.step(
            "and it does not publish, for Ann left that out",
            ("PUT", f"/cma/items/{draft.at('id')}/publish"),
            (403, "INSUFFICIENT_SCOPE"),
            by=self.secret,
        )

    def overreach(self) -> None:
        """What no request and no token can get."""
        walk = self.walk
        walk.chapter("What nobody gets")
        walk.step(
            "a token begets no token",
            ("POST", _TOKENS),
            (403, "PAT_CANNOT_CREATE_PAT"),
            by=self.secret,
            body=_body(name="offspring", scopes=["content:read"]),
        )
        walk.step("and learns nothing of people", ("GET", "/cma/users"), 403, by=self.secret)
        above = (422, "SCOPE_ABOVE_ROLE")
        self._request(
            "Ben gets no scope that his role does not hold",
            above,
            name="x",
            scopes=["users:manage"],
        )
        late = (422, "LIFETIME_ABOVE_POLICY")
        scopes = ["content:read"]
        self._request("no token lives longer than two years", late, name="x", scopes=scopes,
                      expires_at=_in_days(800))  # fmt: skip
        walk.step(
            "and none gets a later end than it was made with",
            ("PATCH", f"{_TOKENS}/{self.token}"),
            (422, "EXPIRATION_CANNOT_BE_EXTENDED"),
            by=self.ben,
            body=_body(self.token, expires_at=_in_days(60)),
        )
        self._fill_quota()

    def _fill_quota(self) -> None:
        """Ask for tokens until there is no more room, and take them back."""
        walk = self.walk
        held = walk.step("Ben looks at his tokens", ("GET", _TOKENS), 200, by=self.ben)
        live = [one for one in held.data if one["attributes"]["state"] in _COUNTED]
        spare = [
            _body(name=f"spare-{number}", scopes=["content:read"])
            for number in range(len(live) + 1, _QUOTA + 1)
        ]
        asks = [("POST", _TOKENS)] * len(spare)
        made = walk.alike("asks for as many as he may have", asks, 202, by=self.ben, bodies=spare)
        full = (409, "TOKEN_QUOTA_EXCEEDED")
        self._request("and for one more than five", full, name="sixth", scopes=["content:read"])
        gone = [("DELETE", f"{_TOKENS}/{one.at('id')}") for one in made]
        walk.alike("then he takes them back", gone, 200, by=self.ben)

    def lose_power(self) -> None:
        """A role change reaches the token on its next request, both ways."""
        self.walk.chapter("Ben's role changes, and the token's power with it")
        self._assign("Ann makes Ben a reader", "reader")
        self._write("on its next request the token may not write", (403, "INSUFFICIENT_SCOPE"))
        self._as_token("but it still reads", "/cda/items?page%5Bsize%5D=1", 200)
        self._assign("Ann makes Ben a developer again", "developer")
        self._write("and the token writes again", 201)

    def revoke(self) -> None:
        """Revoked is refused everywhere, at once."""
        walk = self.walk
        walk.chapter("Ben deletes the token")
        walk.step("Ben revokes it", ("DELETE", f"{_TOKENS}/{self.token}"), 200, by=self.ben)
        gone = (401, "INVALID_TOKEN")
        self._as_token("it reads nothing", "/cda/items", gone)
        self._as_token("no drafts", "/cda/preview/items", gone)
        self._as_token("says nothing of itself", "/cma/token", gone)
        self._write("and writes nothing", gone)
        walk.step(
            "nothing brings it back",
            ("PATCH", f"{_TOKENS}/{self.token}"),
            (409, "TOKEN_FINAL"),
            by=self.ben,
            body=_body(self.token, enabled=True),
        )

    def look_back(self) -> None:
        """All of it is in the audit trail."""
        walk = self.walk
        walk.chapter("Ann looks back, a second later: by then reads are on record too")
        time.sleep(_READS_S)
        found = [
            walk.step(says, ("GET", f"/cma/audit_events?filter%5B{key}"), 200, by=self.ann)
            for says, key in (
                ("she asks what the token did", f"token%5D={self.token}&page%5Bsize%5D=100"),
                ("what was done to it", f"target%5D=tok_{self.token}"),
                ("what was decided", f"target%5D=req_{self.request}"),
            )
        ]
        trail = {entry["id"]: entry for got in found for entry in got.data}.values()
        for says, true in claims(trail):
            walk.sure(says, true)
        walk.tell("")
        for row in rows(trail, {id_: name for name, id_ in self.cast.users.items()}):
            walk.tell(f"  {row}")

    def _sign_in(self, name: str) -> str:
        return self.walk.sign_in(name, self.cast.emails[name], self.cast.passwords[name])

    def _request(
        self,
        says: str,
        expects: int | tuple[int, str],
        **attributes: object,
    ) -> Got:
        return self.walk.step(
            says, ("POST", _TOKENS), expects, by=self.ben, body=_body(**attributes)
        )

    def _as_token(self, says: str, path: str, expects: int | tuple[int, str]) -> Got:
        return self.walk.step(says, ("GET", path), expects, by=self.secret)

    def _write(self, says: str, expects: int | tuple[int, str], where: str | None = None) -> Got:
        """Write an article by the token."""
        under = {"type": "node", "id": where or self.cast.nodes["/site/press"]}
        body = {
            "data": {
                "type": "item",
                "attributes": {"title": "The Ferry turns", "text": "It had to, one day."},
                "relationships": {
                    "parent": {"data": under},
                    "item_type": {"data": {"type": "item_type", "id": self.cast.article}},
                },
            }
        }
        return self.walk.step(says, ("POST", "/cma/items"), expects, by=self.secret, body=body)

    def _assign(self, says: str, role: str) -> None:
        user = self.cast.users["Ben"]
        roles = {"data": [{"type": "role", "id": self.cast.roles[role]}]}
        body = {"data": {"type": "user", "id": user, "relationships": {"roles": roles}}}
        self.walk.step(says, ("PATCH", f"/cma/users/{user}"), 200, by=self.ann, body=body)


def _body(id_: str | None = None, /, **attributes: object) -> dict[str, Any]:
    data: dict[str, Any] = {"type": "personal_access_token", "attributes": attributes}
    if id_ is not None:
        data["id"] = id_
    return {"data": data}


def _in_days(days: int) -> str:
    return spell_instant(system_clock() + timedelta(days=days))


def _of_token(waiting: Got, token: str) -> str:
    """Return the id of the open request for a token."""
    for one in waiting.data:
        if one["relationships"]["token"]["data"]["id"] == token:
            return str(one["id"])
    message = "the request is not among those that wait"
    raise WalkBroken(message)


def _total(got: Got) -> int:
    return int(got.document.get("meta", {}).get("total_count", 0))

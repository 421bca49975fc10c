"""The API, call by call. One client is bound to one server and one credential."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, quote, urlsplit

from counterfoil.client.answer import Answer
from counterfoil.client.credential import Credential, SessionTokens
from counterfoil.client.errors import NotFound, SecretLost
from counterfoil.client.model import (
    AuditEntry,
    ContentTypeSchema,
    PersonalToken,
    Refusals,
    TokenRequest,
    Whoami,
    listed,
    version_of,
)
from counterfoil.client.wire import Sleep, Wire
from counterfoil.kernel.clock import system_clock

_TOKENS: Final = "/cma/personal_access_tokens"
_REQUESTS: Final = "/cma/token_requests"
_PAGE: Final = 100


class Client:
    """The typed client. Blocking; one thread at a time.

    `wire` makes the calls that have no method here.
    """

    def __init__(
        self,
        url: str,
        credential: Credential | None = None,
        *,
        organization: str | None = None,
        agent: str = "counterfoil-client",
        sleep: Sleep = time.sleep,
    ) -> None:
        self.wire = Wire(url, credential, organization=organization, agent=agent, sleep=sleep)

    @property
    def url(self) -> str:
        """The base URL that it is bound to."""
        return self.wire.url

    def close(self) -> None:
        """Hang up."""
        self.wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {self.url}>"

    # ------------------------------------------------------------------ the credential itself

    def whoami(self) -> Whoami:
        """Return who the credential speaks for and what it may do now."""
        return Whoami.of(self.wire.ask("GET", "/cma/token").data)

    def redeem(self, code: str, verifier: str, redirect: str, client: str) -> SessionTokens:
        """Turn an authorization code into a session (RFC 6749 §4.1.3, RFC 7636 §4.5)."""
        answer = self.wire.form(
            {
                "grant_type": "authorization_code",
                "client_id": client,
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": redirect,
            }
        )
        return SessionTokens.of(answer, system_clock.seconds())

    def end(self, token: str, client: str) -> None:
        """Revoke a token of the authorization server (RFC 7009)."""
        self.wire.form({"token": token, "client_id": client}, "/oauth/revoke")

    # ------------------------------------------------------------------ personal tokens

    def personal_tokens(self, sort: str = "", **filters: str) -> Iterator[PersonalToken]:
        """Yield one's own personal tokens, all states; or those that filters and an order say."""
        return map(PersonalToken.of, self._each(_TOKENS, filters, sort))

    def personal_token_usage(self, id_: str, range_: str) -> Mapping[str, Any]:
        """Return how one of them was used in the last `24h`, `7d` or `30d`."""
        asked = f"{_TOKENS}/{_part(id_)}/usage?range={_part(range_)}"
        found: Mapping[str, Any] = self.wire.ask("GET", asked).data
        return found

    def personal_token(self, id_: str) -> PersonalToken:
        """Return one of them."""
        return _token(self.wire.ask("GET", f"{_TOKENS}/{_part(id_)}"))

    def create_personal_token(self, attributes: Mapping[str, Any]) -> PersonalToken:
        """Request a personal token; its state says whether it waits for approval.

        Raises:
            SecretLost: if the first attempt was done but its answer never arrived.
        """
        body = _body("personal_access_token", attributes)
        made = _token(self.wire.create(_TOKENS, body))
        if made.secret is None:
            message = (
                f"{made.spelled} was made, but the answer with its secret got lost on the way:"
                " delete it and ask again"
            )
            raise SecretLost(message)
        return made

    def edit_personal_token(
        self, id_: str, attributes: Mapping[str, Any], version: int | None = None
    ) -> PersonalToken:
        """Change name, scopes, roots, surfaces, or whether it is enabled."""
        body = _body("personal_access_token", attributes, id_)
        path = f"{_TOKENS}/{_part(id_)}"
        return _token(self.wire.ask("PATCH", path, body=body, headers=_if_match(version)))

    def revoke_personal_token(self, id_: str) -> None:
        """Revoke it, for good."""
        self.wire.ask("DELETE", f"{_TOKENS}/{_part(id_)}")

    # ------------------------------------------------------------------ requests

    def requests(self, **filters: str) -> Iterator[TokenRequest]:
        """Yield the requests that one may see: one's own, or those one may decide."""
        return map(TokenRequest.of, self._each(_REQUESTS, filters))

    def request(self, id_: str) -> TokenRequest:
        """Return one request, with the version to decide upon."""
        return _request(self.wire.ask("GET", f"{_REQUESTS}/{_part(id_)}"))

    def approve(
        self, id_: str, version: int, narrower: Mapping[str, Any] | None = None
    ) -> TokenRequest:
        """Approve what was seen at this version, or less."""
        return self._decide(id_, "approve", version, narrower or {})

    def deny(self, id_: str, version: int, reason: str) -> TokenRequest:
        """Deny it, saying why."""
        return self._decide(id_, "deny", version, {"reason": reason} if reason else {})

    def cancel(self, id_: str, version: int) -> TokenRequest:
        """Take one's own request back."""
        return self._decide(id_, "cancel", version, {})

    def _decide(
        self, id_: str, verdict: str, version: int, attributes: Mapping[str, Any]
    ) -> TokenRequest:
        path = f"{_REQUESTS}/{_part(id_)}/{verdict}"
        body = _body("token_request", attributes, id_)
        return _request(self.wire.ask("POST", path, body=body, headers=_if_match(version)))

    # ------------------------------------------------------------------ content and the trail

    def content_type_schemas(self) -> Iterator[ContentTypeSchema]:
        """Yield the JSON Schema of every content type."""
        return map(ContentTypeSchema.of, self._each("/cma/content_type_schemas", {}))

    def define_content_type(
        self, api_key: str, name: str, schema_id: str, body: Mapping[str, Any]
    ) -> None:
        """Make a content type by its JSON Schema."""
        named = {"api_key": api_key, "name": name, "schema_id": schema_id, "body": body}
        self.wire.create("/cma/item-types", _body("item_type", named))

    def change_content_type(self, known: ContentTypeSchema, body: Mapping[str, Any]) -> None:
        """Give a content type another JSON Schema, if it is still what it was known as."""
        path = f"/cma/item-types/{_part(known.id)}"
        changed = _body("item_type", {"body": body}, known.id)
        self.wire.ask("PATCH", path, body=changed, headers=_if_match(known.version))

    def node_at(self, path: str) -> str | None:
        """Return the id of the node at a path such as `/site/press`; None if one sees none."""
        try:
            answer = self.wire.ask("GET", "/cma/nodes", query={"filter[path]": path})
        except NotFound:
            return None
        return next(
            (str(node["id"]) for node in listed(answer.data) if isinstance(node, dict)), None
        )

    def audit_entries(self, newest: int, **filters: str) -> list[AuditEntry]:
        """Return the newest entries of the audit trail, the newest first."""
        return list(map(AuditEntry.of, islice(self._each("/cma/audit_events", filters), newest)))

    def refusals(self, newest: int) -> list[Refusals]:
        """Return the newest minutes in which somebody was refused who is nobody here."""
        return list(map(Refusals.of, islice(self._each("/cma/audit_refusals", {}), newest)))

    # ------------------------------------------------------------------ pages

    def _each(self, path: str, filters: Mapping[str, str], sort: str = "") -> Iterator[object]:
        query: dict[str, str | int] = {f"filter[{name}]": value for name, value in filters.items()}
        query |= {"page[size]": _PAGE} | ({"sort": sort} if sort else {})
        while True:
            answer = self.wire.ask("GET", path, query=query)
            yield from listed(answer.data)
            after = _after(answer)
            if after is None or after == query.get("page[after]"):
                return
            query["page[after]"] = after


def _after(answer: Answer) -> str | None:
    """Return the next page's cursor: all that is taken from the link, never its address."""
    links = answer.document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    if not isinstance(following, str):
        return None
    return next(iter(parse_qs(urlsplit(following).query).get("page[after]", [])), None)


def _part(id_: str) -> str:
    """Return an id as one part of a path, whatever was typed."""
    return quote(id_, safe="")


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"if-match": f'"{version}"'}


def _body(type_: str, attributes: Mapping[str, Any], id_: str | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {"type": type_, "attributes": dict(attributes)}
    if id_ is not None:
        data["id"] = id_.rpartition("_")[2]
    return {"data": data}


def _token(answer: Answer) -> PersonalToken:
    return PersonalToken.of(answer.data, version_of(answer))


def _request(answer: Answer) -> TokenRequest:
    return TokenRequest.of(answer.data, version_of(answer))

"""Requests for tokens, and their decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from counterfoil.client.answer import Answer
from counterfoil.client.effect import entry_of
from counterfoil.client.model_requests import TokenRequest
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.resource import version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb

_PATH: Final = "/cma/token_requests"


class TokenRequests(Noun[W]):
    """Requests for a token, or for more than a token has."""

    @list_verb
    def list(self, /, **filters: str) -> Listing[TokenRequest]:
        """Yield those that one may see: one's own, or those that one may decide."""
        return Listing(_PATH, query(filters), TokenRequest.of)

    @verb
    def get(self, id_: str) -> Steps[TokenRequest]:
        """Return one, with the version to decide upon."""
        return _request((yield from self.wire.manners.ask("GET", f"{_PATH}/{part(id_)}")))

    @verb
    def approve(
        self, id_: str, version: int, narrower: Mapping[str, Any] | None = None
    ) -> Steps[TokenRequest]:
        """Approve what was seen at this version, or less of it."""
        return self._decide(id_, "approve", version, narrower or {})

    @verb
    def deny(self, id_: str, version: int, reason: str = "") -> Steps[TokenRequest]:
        """Deny it, saying why."""
        return self._decide(id_, "deny", version, {"reason": reason} if reason else {})

    @verb
    def cancel(self, id_: str, version: int) -> Steps[TokenRequest]:
        """Take one's own request back."""
        return self._decide(id_, "cancel", version, {})

    def _decide(
        self, id_: str, verdict: str, version: int, attributes: Mapping[str, Any]
    ) -> Steps[TokenRequest]:
        ask = self.wire.manners.ask(
            "POST",
            f"{_PATH}/{part(id_)}/{verdict}",
            body=body("token_request", attributes, id_),
            headers=if_match(version),
        )
        return _request((yield from ask))


def _request(answer: Answer) -> TokenRequest:
    return TokenRequest.of(answer.data, version_of(answer), entry_of(answer))

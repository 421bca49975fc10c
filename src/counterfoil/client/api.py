"""The client that blocks. One is bound to one server and one credential."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, Self

from counterfoil.client.calls import Calls
from counterfoil.client.credential import Credential
from counterfoil.client.model import (
    AuditEntry,
    ContentTypeSchema,
    PersonalToken,
    Refusals,
    TokenRequest,
)
from counterfoil.client.patience import USUAL, Patience
from counterfoil.client.surroundings import surroundings
from counterfoil.client.wire import AGENT, Sleep, Wire


class Client(Calls[Wire]):
    """The typed client. Blocking; threads may share it.

    Args:
        url: the server's base URL.
        credential: `Bearer`, `Pair` or `Session`; none for what is open to everybody.
        organization: where to act, if the credential speaks in several.
        agent: what the program calls itself; the audit trail keeps it.
        patience: how long to wait, and how often to ask.
        sleep: how to wait.
    """

    def __init__(
        self,
        url: str,
        credential: Credential | None = None,
        *,
        organization: str | None = None,
        agent: str = AGENT,
        patience: Patience = USUAL,
        sleep: Sleep = time.sleep,
    ) -> None:
        super().__init__(
            Wire(
                url,
                credential,
                organization=organization,
                agent=agent,
                patience=patience,
                sleep=sleep,
            )
        )

    @classmethod
    def from_environment(cls, *, agent: str = AGENT, patience: Patience = USUAL) -> Self:
        """Return a client for the server and by the credential that the environment names.

        Raises:
            CredentialUnusable: as `surroundings` says.
        """
        found = surroundings()
        return cls(
            found.url,
            found.credential,
            organization=found.organization,
            agent=agent,
            patience=patience,
        )

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

    # ------------------------------------------------------------------ the command line's words

    def personal_tokens(self, sort: str = "", **filters: str) -> Iterator[PersonalToken]:
        """See `tokens.list`."""
        return self.tokens.list(sort=sort, **filters)

    def personal_token_usage(self, id_: str, range_: str) -> Mapping[str, Any]:
        """See `tokens.usage`."""
        return self.tokens.usage(id_, range_)  # type: ignore[arg-type]

    def personal_token(self, id_: str) -> PersonalToken:
        """See `tokens.get`."""
        return self.tokens.get(id_)

    def create_personal_token(self, attributes: Mapping[str, Any]) -> PersonalToken:
        """See `tokens.create`."""
        return self.tokens.create(**attributes)

    def edit_personal_token(
        self, id_: str, attributes: Mapping[str, Any], version: int | None = None
    ) -> PersonalToken:
        """See `tokens.edit`."""
        return self.tokens.edit(id_, version=version, **attributes)

    def revoke_personal_token(self, id_: str) -> None:
        """See `tokens.revoke`."""
        self.tokens.revoke(id_)

    def requests(self, **filters: str) -> Iterator[TokenRequest]:
        """See `token_requests.list`."""
        return self.token_requests.list(**filters)

    def request(self, id_: str) -> TokenRequest:
        """See `token_requests.get`."""
        return self.token_requests.get(id_)

    def approve(
        self, id_: str, version: int, narrower: Mapping[str, Any] | None = None
    ) -> TokenRequest:
        """See `token_requests.approve`."""
        return self.token_requests.approve(id_, version, narrower)

    def deny(self, id_: str, version: int, reason: str) -> TokenRequest:
        """See `token_requests.deny`."""
        return self.token_requests.deny(id_, version, reason)

    def cancel(self, id_: str, version: int) -> TokenRequest:
        """See `token_requests.cancel`."""
        return self.token_requests.cancel(id_, version)

    def content_type_schemas(self) -> Iterator[ContentTypeSchema]:
        """See `content_types.schemas`."""
        return self.content_types.schemas()

    def define_content_type(
        self, api_key: str, name: str, schema_id: str, body: Mapping[str, Any]
    ) -> None:
        """See `content_types.define`."""
        self.content_types.define(api_key, name, schema_id, body)

    def change_content_type(self, known: ContentTypeSchema, body: Mapping[str, Any]) -> None:
        """See `content_types.change`."""
        self.content_types.change(known, body)

    def node_at(self, path: str) -> str | None:
        """See `nodes.at`."""
        node = self.nodes.at(path)
        return None if node is None else node.id

    def audit_entries(self, newest: int, **filters: str) -> list[AuditEntry]:
        """See `audit.entries`."""
        return list(islice(self.audit.entries(**filters), newest))

    def refusals(self, newest: int) -> list[Refusals]:
        """See `audit.refusals`."""
        return list(islice(self.audit.refusals(), newest))

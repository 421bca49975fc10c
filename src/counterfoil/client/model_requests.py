"""What is asked of those who approve, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counterfoil.client.resource import Resource, one_of, related, silenced, text, texts
from counterfoil.kernel.ids import Prefix


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """Somebody's request for a token or for more than a token has; `name` is the token's.

    `who` is what the requester is called, with their e-mail address. `audit_event` is there in the
    answer to a decision: the number of the entry in the audit trail that says what was done.
    """

    id: str
    kind: str
    state: str
    name: str
    token: str | None
    requester: str | None
    who: str
    justification: str
    version: int | None
    source: Resource = field(repr=False)
    audit_event: int | None = None

    @property
    def spelled(self) -> str:
        """The id as it is spelled on its own."""
        return f"{Prefix.REQUEST}_{self.id}"

    @property
    def asked(self) -> Mapping[str, Any]:
        """What it asks for: scopes, roots, surfaces, expiry."""
        asked = self.source["attributes"].get("asked")
        return asked if isinstance(asked, dict) else self.source["attributes"]

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        """The rules of the policy by which it must be approved; none from an older server."""
        return self.source["attributes"].get("approval_rules") or ()

    @property
    def missing(self) -> int:
        """How many people must still approve it; none from an older server."""
        return int(self.source["attributes"].get("approvals_missing") or 0)

    @property
    def deciders(self) -> tuple[str, ...] | None:
        """Who can still decide it, by name; None in a list, of no open one, of an older server."""
        meta = self.source.get("meta")
        return texts(meta.get("deciders")) if isinstance(meta, dict) else None

    @classmethod
    def of(
        cls, resource: object, version: int | None = None, audit_event: int | None = None
    ) -> TokenRequest:
        """Read a resource of the API."""
        found = one_of(resource, "token_request")
        attributes = found["attributes"]
        return cls(
            id=found["id"],
            kind=text(attributes.get("kind")),
            state=text(attributes.get("state")),
            name=text(attributes.get("name")),
            token=related(found, "token"),
            requester=related(found, "requester"),
            who=_called(attributes.get("requester_name"), attributes.get("requester_email")),
            justification=text(attributes.get("justification")),
            version=version or attributes.get("version"),
            source=silenced(found),
            audit_event=audit_event,
        )


def _called(name: object, email: object) -> str:
    """Return somebody as people know them: `Ben (ben@harbour.example)`."""
    return f"{text(name)} ({email})" if isinstance(email, str) else text(name)

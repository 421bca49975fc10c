"""A caller being written, on the hot path."""

from __future__ import annotations

from datetime import datetime

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId


class Draft:
    """A caller being written: the same slots, filled in a quarter of the time.

    It becomes the caller when it is complete; from then on nobody changes it.
    """

    __slots__ = Caller.__slots__

    def __init__(  # noqa: PLR0913, PLR0917 - as many as a caller has
        self,
        organization: OrganizationId,
        user: UserId | None,
        method: Method,
        held: Grant,
        token: TokenId,
        token_name: str | None,
        expires_at: datetime | None,
        authenticated_at: datetime | None,
    ) -> None:
        self.organization = organization
        self.user = user
        self.method = method
        self.grant = held
        self.token = token
        self.token_name = token_name
        self.expires_at = expires_at
        self.authenticated_at = authenticated_at

    def complete(self) -> Caller:
        """Return it as the caller that it has become."""
        self.__class__ = Caller  # type: ignore[assignment]  # one layout, so Python allows it
        return self  # type: ignore[return-value]

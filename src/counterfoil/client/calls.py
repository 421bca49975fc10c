"""All calls of the API, the same for both clients."""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.client.credential import SessionTokens
from counterfoil.client.effect import Effect
from counterfoil.client.model import Narrowed, Whoami
from counterfoil.client.nouns.api_tokens import ApiTokens
from counterfoil.client.nouns.audit import Audit
from counterfoil.client.nouns.content_types import ContentTypes
from counterfoil.client.nouns.items import Delivered, Items
from counterfoil.client.nouns.nodes import Nodes
from counterfoil.client.nouns.people import Organizations, Roles, Users
from counterfoil.client.nouns.personal_tokens import PersonalTokens
from counterfoil.client.nouns.token_requests import TokenRequests
from counterfoil.client.steps import Steps
from counterfoil.client.twin import Noun, W, verb
from counterfoil.kernel.clock import system_clock


class Calls(Noun[W]):
    """A server, as its nouns; `wire` makes the calls that have no method here."""

    def __init__(self, wire: W) -> None:
        super().__init__(wire)
        self.tokens = PersonalTokens(wire)
        self.token_requests = TokenRequests(wire)
        self.api_tokens = ApiTokens(wire)
        self.content_types = ContentTypes(wire)
        self.items = Items(wire)
        self.nodes = Nodes(wire)
        self.published = Delivered(wire, "/cda")
        self.drafts = Delivered(wire, "/cda/preview")
        self.users = Users(wire)
        self.roles = Roles(wire)
        self.organizations = Organizations(wire)
        self.audit = Audit(wire)

    @property
    def url(self) -> str:
        """The base URL that it is bound to."""
        return self.wire.url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}>"

    @verb
    def whoami(self) -> Steps[Whoami]:
        """Return who the credential speaks for and what it may do now."""
        return Whoami.of((yield from self.wire.manners.ask("GET", "/cma/token")).data)

    @verb
    def revoke_this(self) -> Steps[Effect | None]:
        """Revoke the very token that the client speaks by: what to do with one that leaked."""
        return Effect.of((yield from self.wire.manners.ask("DELETE", "/cma/token")))

    @verb
    def attenuate(
        self,
        *,
        scopes: Sequence[str] | None = None,
        roots: Sequence[str] | None = None,
        life_s: int = 3_600,
    ) -> Steps[Narrowed]:
        """Exchange the personal token that the client speaks by for a narrower one (RFC 8693).

        It loses whatever that token loses, and is itself exchanged for nothing.

        Args:
            scopes: some of its scopes; None for all that it holds now.
            roots: nodes by id, below which it is held; None for where the token itself is.
            life_s: for how many seconds, 3600 at most.

        Raises:
            Invalid: for what is no personal token, is not good now, or does not reach so far.
            ValueError: for scopes or roots of which there are none: a form cannot say so.
        """
        for some in (scopes, roots):
            if some is not None and not any(some):
                message = "name one scope and one root at least, or None for all"
                raise ValueError(message)
        fields = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "expires_in": str(life_s),
        }
        if scopes is not None:
            fields["scope"] = " ".join(scopes)
        if roots is not None:
            fields["roots"] = " ".join(roots)
        return Narrowed.of((yield from self.wire.manners.exchange(fields)))

    @verb
    def redeem(self, code: str, verifier: str, redirect: str, client: str) -> Steps[SessionTokens]:
        """Turn an authorization code into a session (RFC 6749 §4.1.3, RFC 7636 §4.5)."""
        answer = yield from self.wire.manners.form(
            {
                "grant_type": "authorization_code",
                "client_id": client,
                "code": code,
                "code_verifier": verifier,
                "redirect_uri": redirect,
            }
        )
        return SessionTokens.of(answer, system_clock.seconds())

    @verb
    def end(self, token: str, client: str) -> Steps[Effect | None]:
        """Revoke a token of the authorization server (RFC 7009); None if it was dead already."""
        said = {"token": token, "client_id": client}
        return Effect.beside((yield from self.wire.manners.post(said, "/oauth/revoke")))

"""Who is there, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping

from counterfoil.client.model_people import Organization, Role, TokenPolicy, User
from counterfoil.client.nouns.document import body, if_match, part, query
from counterfoil.client.resource import version_of
from counterfoil.client.steps import Listing, Steps
from counterfoil.client.twin import Noun, W, list_verb, verb


class Users(Noun[W]):
    """Members of the organization."""

    @list_verb
    def list(self) -> Listing[User]:
        """Yield all of them."""
        return Listing("/cma/users", query({}), User.of)

    @verb
    def get(self, id_: str) -> Steps[User]:
        """Return one of them."""
        answer = yield from self.wire.manners.ask("GET", f"/cma/users/{part(id_)}")
        return User.of(answer.data, version_of(answer))


class Roles(Noun[W]):
    """Roles of the organization, the built-in ones and its own."""

    @list_verb
    def list(self) -> Listing[Role]:
        """Yield all of them."""
        return Listing("/cma/roles", {}, Role.of)

    @verb
    def get(self, id_: str) -> Steps[Role]:
        """Return one of them."""
        answer = yield from self.wire.manners.ask("GET", f"/cma/roles/{part(id_)}")
        return Role.of(answer.data)


class Organizations(Noun[W]):
    """Organizations in which the credential speaks."""

    @list_verb
    def list(self) -> Listing[Organization]:
        """Yield all of them."""
        return Listing("/cma/organizations", {}, Organization.of)

    @verb
    def token_policy(self, id_: str) -> Steps[TokenPolicy]:
        """Return the policy of one of them: what it allows its tokens."""
        answer = yield from self.wire.manners.ask("GET", _policy(id_))
        return TokenPolicy.of(answer.data, version_of(answer))

    @verb
    def change_token_policy(
        self, id_: str, changes: Mapping[str, object], *, version: int
    ) -> Steps[TokenPolicy]:
        """Change rules of the policy that was looked at; None takes away those that may be absent.

        That takes a person who signed in lately: no token does it.
        """
        ask = self.wire.manners.ask(
            "PATCH",
            _policy(id_),
            body=body("token_policy", dict(changes), id_),
            headers=if_match(version),
        )
        answer = yield from ask
        return TokenPolicy.of(answer.data, version_of(answer))


def _policy(organization: str) -> str:
    return f"/cma/organizations/{part(organization)}/token_policy"

"""Who is there, and what they may do."""

from __future__ import annotations

from counterfoil.client.model_people import Organization, Role, User
from counterfoil.client.nouns.document import part, query
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

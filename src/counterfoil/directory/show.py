"""What there is to see: members, roles, the policy, and one's own organizations and scopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.access.scope import MEANING, Scope, Scopes
from counterfoil.directory.api import Api
from counterfoil.directory.model import Organization, Person
from counterfoil.directory.presets import Policy
from counterfoil.directory.sought import ANYBODY, Sought
from counterfoil.directory.store.apis import api, apis_in
from counterfoil.directory.store.members import member, memberships_of
from counterfoil.directory.store.people import people
from counterfoil.directory.store.policies import policy
from counterfoil.directory.store.roles import role, roles_in
from counterfoil.directory.store.rows import organization, user
from counterfoil.kernel.ids import ApiId, OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("user.list", requires=Scope.USERS_READ, methods=ANY_CALLER, reads=True)
def list_users(work: Work, wanted: Wanted, sought: Sought = ANYBODY) -> Page[Person]:
    """List the members of the organization, or those who are sought."""
    work.permit()
    return people(work.tx, work.caller.organization, wanted, sought)


@operation("user.show", requires=Scope.USERS_READ, methods=ANY_CALLER, owner=True, reads=True)
def show_user(work: Work, id_: UserId) -> Person:
    """Show a member; oneself without any scope."""
    work.permit(owner=id_, target=spell(Prefix.USER, id_))
    found = member(work.tx, work.caller.organization, id_)
    return Person(user(work.tx, id_), found)


@operation("role.list", requires=Scope.ROLES_READ, methods=ANY_CALLER, reads=True)
def list_roles(work: Work) -> list[Role]:
    """List the roles of the organization: the built-in ones first."""
    work.permit()
    return roles_in(work.tx, work.caller.organization)


@operation("role.show", requires=Scope.ROLES_READ, methods=ANY_CALLER, reads=True)
def show_role(work: Work, id_: RoleId) -> Role:
    """Show a role."""
    work.permit(target=spell(Prefix.ROLE, id_))
    return role(work.tx, work.caller.organization, id_)


@dataclass(frozen=True, slots=True)
class Explained:
    """What a role lets its holders do; not where, and not who they are.

    `bounded` says whether it holds below some nodes alone, `mine` whether the caller holds it.
    """

    name: str
    scopes: Scopes
    built_in: bool
    bounded: bool
    mine: bool


@operation("role.explain", requires=None, reads=True)
def explain_roles(work: Work) -> list[Explained]:
    """Say what each role allows, to every member: whoever lacks a scope learns what to ask for."""
    work.permit()
    caller = work.caller
    own = member(work.tx, caller.organization, caller.user).role_ids if caller.user else ()
    return [
        Explained(one.name, one.scopes, one.built_in, one.roots is not None, one.id in own)
        for one in roles_in(work.tx, caller.organization)
    ]


@dataclass(frozen=True, slots=True)
class Listed:
    """An organization of whoever asks; `barred` if it keeps out the session that they ask in."""

    organization: Organization
    barred: bool = False


@operation("organization.list", requires=None, methods=ANY_CALLER, reads=True)
def list_organizations(
    work: Work, speaks_in: Callable[[OrganizationId], bool] | None = None
) -> list[Listed]:
    """List where one may act: who signed in, everywhere they are a member; a token, where it is.

    A token of all organizations is in each where its owner is a member and `speaks_in` says so.
    What keeps out the session that asks, because no provider vouched for its person, is there too.
    """
    work.permit()
    caller = work.caller
    if caller.user is None:
        return [Listed(organization(work.tx, caller.organization))]
    places = [one.organization for one in memberships_of(work.tx, caller.user) if one.active]
    if caller.method is not Method.SESSION:
        speaks = speaks_in or caller.organization.__eq__
        places = [one for one in places if speaks(one)]
    return [Listed(organization(work.tx, one), _is_barred(work, one)) for one in places]


def _is_barred(work: Work, here: OrganizationId) -> bool:
    """Say whether an organization keeps out the session that asks."""
    caller = work.caller
    signed_in = caller.method is Method.SESSION
    return signed_in and not caller.is_vouched_in(here) and policy(work.tx, here).provider_only


@operation("policy.show", requires=None, methods=ANY_CALLER, reads=True)
def show_policy(work: Work) -> Policy:
    """Show the policy of the organization, which every member may know."""
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    return policy(work.tx, work.caller.organization)


@operation("api.list", requires=None, methods=ANY_CALLER, reads=True)
def list_apis(work: Work) -> list[Api]:
    """List the registered APIs, which every member may know."""
    work.permit()
    return apis_in(work.tx, work.caller.organization)


@operation("api.show", requires=None, methods=ANY_CALLER, reads=True)
def show_api(work: Work, id_: ApiId) -> Api:
    """Show a registered API."""
    work.permit(target=spell(Prefix.API, id_))
    return api(work.tx, work.caller.organization, id_)


@dataclass(frozen=True, slots=True)
class Known:
    """A scope that there is here, the API that brings it along if one does, and who may ask for it.

    `grantable` says whether the caller's own roles hold it: only such a scope goes into a token.
    """

    name: str
    api: Api | None
    description: str
    grantable: bool


@operation("scope.list", requires=None, methods=ANY_CALLER, reads=True)
def list_scopes(work: Work) -> list[Known]:
    """List the scopes that there are here, and say which the caller may ask for in a token (X6)."""
    work.permit()
    held = work.caller.grant.scopes
    found = [Known(str(scope), None, MEANING[scope], bool(held & scope.bit)) for scope in Scope]
    for one in apis_in(work.tx, work.caller.organization):
        found += [
            Known(scope.name, one, scope.description, bool(held >> scope.number & 1))
            for scope in one.scopes
        ]
    return found

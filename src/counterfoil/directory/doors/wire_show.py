"""Users, roles, organizations and policies as they go out."""

from __future__ import annotations

from counterfoil.access.role import Role
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.doors.wire import FLAGS
from counterfoil.directory.model import Organization, Person, UserKind
from counterfoil.directory.presets import Policy
from counterfoil.jsonapi.given import Given, Id, Instant, ToMany, ToOne, Versioned, to_many, to_one
from counterfoil.kernel.ids import OrganizationId


class UserFacts(Given, frozen=True):
    """Who a member is. `active` is whether they may come in here; a service user has no e-mail.

    `invited` is who has not accepted yet; of them this is what whoever invited them said.
    """

    name: str
    email: str | None
    kind: UserKind
    active: bool
    is_admin: bool
    joined_at: Instant
    invited: bool


class UserHolds(Given, frozen=True):
    """The roles that a member holds."""

    roles: ToMany


class User(Given, frozen=True, tag_field="type", tag="user"):
    """A member of the organization."""

    id: Id
    attributes: UserFacts
    relationships: UserHolds
    meta: Versioned


class RoleFacts(Given, frozen=True):
    """A role: its scopes, and where they hold (null is everywhere). A flag stands for one scope."""

    name: str
    scopes: list[str]
    roots: list[Id] | None
    built_in: bool
    can_manage_access_tokens: bool
    can_manage_users: bool
    can_access_audit_log: bool
    can_edit_schema: bool


class RoleShown(Given, frozen=True, tag_field="type", tag="role"):
    """A role."""

    id: Id
    attributes: RoleFacts
    meta: Versioned


class OrganizationFacts(Given, frozen=True):
    """What an organization is called, and whether you have to sign in at its provider to act there.

    Where you have to, it tells no more than its name: `created_at` and its tree are null.
    """

    name: str
    created_at: Instant | None
    provider_required: bool = False


class OrganizationTree(Given, frozen=True):
    """The node above all its content."""

    root: ToOne


class OrganizationShown(Given, frozen=True, tag_field="type", tag="organization"):
    """An organization of yours."""

    id: Id
    attributes: OrganizationFacts
    relationships: OrganizationTree


class TokenPolicy(Given, frozen=True, tag_field="type", tag="token_policy"):
    """The policy of an organization, whose id it has."""

    id: Id
    attributes: Policy
    meta: Versioned


def show_person(person: Person) -> User:
    """Describe a member; of who has not accepted yet, no more than whoever invited them said."""
    user, member = person.user, person.member
    facts = UserFacts(
        name=person.name,
        email=person.email,
        kind=user.kind,
        active=member.active,
        is_admin=member.is_admin,
        joined_at=member.joined_at,
        invited=member.invited_as is not None and member.ended_at is None,
    )
    return User(
        id=str(user.id),
        attributes=facts,
        relationships=UserHolds(roles=to_many("role", member.role_ids)),
        meta=Versioned(version=member.version),
    )


def show_role(role: Role, words: Vocabulary) -> RoleShown:
    """Describe a role."""
    facts = RoleFacts(
        name=role.name,
        scopes=list(words.spell(role.scopes)),
        roots=None if role.roots is None else [str(root) for root in sorted(role.roots)],
        built_in=role.built_in,
        **{flag: bool(role.scopes & scope.bit) for flag, scope in FLAGS.items()},
    )
    return RoleShown(id=str(role.id), attributes=facts, meta=Versioned(version=role.version))


def show_organization(organization: Organization, *, above_roots: bool = True) -> OrganizationShown:
    """Describe an organization; its tree's top is kept from whom roots bound below it (S32)."""
    return OrganizationShown(
        id=str(organization.id),
        attributes=OrganizationFacts(name=organization.name, created_at=organization.created_at),
        relationships=OrganizationTree(
            root=to_one("node", organization.root if above_roots else None)
        ),
    )


def show_barred(organization: Organization) -> OrganizationShown:
    """Say of an organization that it is there, and asks that one signs in at its provider."""
    return OrganizationShown(
        id=str(organization.id),
        attributes=OrganizationFacts(
            name=organization.name, created_at=None, provider_required=True
        ),
        relationships=OrganizationTree(root=to_one("node", None)),
    )


def show_policy(organization: OrganizationId, policy: Policy) -> TokenPolicy:
    """Describe a policy; its id is the organization's."""
    return TokenPolicy(
        id=str(organization), attributes=policy, meta=Versioned(version=policy.version)
    )

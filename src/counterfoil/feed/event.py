"""The closed list of changes that a gate must hear of.

An event carries the whole new state of one record, in the past tense, so that applying the last
event of a record is as good as applying them all, and a replica that was rebuilt from the database
equals one that followed the feed. Sets of scopes and surfaces go over the wire as their bits.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

State: TypeAlias = Literal["pending", "active", "disabled"]
Authority: TypeAlias = Literal["user", "role", "none", "token"]


class Event(msgspec.Struct, frozen=True, tag_field="kind", kw_only=True):
    """Base of all events. `organization` is None for what belongs to no single one."""

    organization: int | None = None


class GrantRecord(msgspec.Struct, frozen=True):
    """What a token may do in one organization.

    `scopes` is None in scope mode `inherit`: all that the authority has. `custom` holds the bit
    numbers of custom scopes. `roots` is None for everywhere; `ceiling` holds besides them.
    `networks` are spelled as CIDR, None for any address; `rate` is so many requests in so many
    seconds; before the Unix microsecond `not_before` the token opens nothing.
    """

    organization: int
    state: State
    scopes: int | None
    surfaces: int
    roots: tuple[int, ...] | None = None
    custom: tuple[int, ...] = ()
    ceiling: tuple[int, ...] | None = None
    networks: tuple[str, ...] | None = None
    rate: tuple[int, int] | None = None
    not_before: int | None = None

    @property
    def conditional(self) -> bool:
        """Whether it holds under conditions, of which a gate of version 1 knows nothing."""
        return not (self.networks is None and self.rate is None and self.not_before is None)


class SecretRecord(msgspec.Struct, frozen=True):
    """One live digest of a token: 32 bytes, and the Unix microsecond at which it dies."""

    digest: bytes
    dies_at: int | None = None


class TokenRecorded(Event, frozen=True, tag="token.recorded", kw_only=True):
    """This is all that a gate needs of a token now. Digests in `struck` verify no more.

    Attributes:
        letter: the kind, as in the token string.
        subject: the user, role or personal token whose authority it takes, or None.
        position: the feed's head when the token was made, for cut-offs.
        parent: the credential with which it dies, if any.
        issuer: the user who made it for the organization, if one did: for the trail (Q18).
        grants: one per organization; none for a session, which speaks wherever its user belongs.
        authenticated_at: Unix microseconds of the person's last proof (sessions alone).
        vouched_in: the organizations in which it counts that an outside provider vouched for them;
            None for all. It only ever lets in: so a gate that knows nothing of it closes, as it
            does where an office says nothing of it, and it takes no newer version.
    """

    token: int
    letter: str
    name: str
    authority: Authority
    subject: int | None
    expires_at: int | None
    position: int
    secrets: tuple[SecretRecord, ...]
    grants: tuple[GrantRecord, ...] = ()
    parent: int | None = None
    issuer: int | None = None
    authenticated_at: int | None = None
    vouched_in: tuple[int, ...] | None = ()
    struck: tuple[bytes, ...] = ()


class TokenStruck(Event, frozen=True, tag="token.struck", kw_only=True):
    """A token was revoked or denied: its digests are unknown from now on."""

    token: int
    digests: tuple[bytes, ...]


class MemberRecorded(Event, frozen=True, tag="member.recorded", kw_only=True):
    """A user's place in the organization: whether active, by which roles, and since when.

    Personal tokens made at or before the position `cut_off` are dead for good.
    """

    user: int
    active: bool
    roles: tuple[int, ...]
    cut_off: int = 0


class RoleRecorded(Event, frozen=True, tag="role.recorded", kw_only=True):
    """What a role allows now."""

    role: int
    scopes: int
    roots: tuple[int, ...] | None = None
    custom: tuple[int, ...] = ()


class RoleStruck(Event, frozen=True, tag="role.struck", kw_only=True):
    """A role is no more: it allows nothing."""

    role: int


class ScopeRecord(msgspec.Struct, frozen=True):
    """A custom scope: how it is spelled, and the number of its bit in its organization."""

    name: str
    number: int


class ApiRecorded(Event, frozen=True, tag="api.recorded", kw_only=True):
    """These are all the scopes that a registered API brings along now."""

    api: int
    scopes: tuple[ScopeRecord, ...]


class ApiStruck(Event, frozen=True, tag="api.struck", kw_only=True):
    """A registered API is no more: its scopes are supported no longer."""

    api: int


class RouteRecord(msgspec.Struct, frozen=True):
    """One route of an API: who may take it, and which node it is about, as its table says it."""

    methods: tuple[str, ...]
    path: str
    scope: str
    node: str = ""
    changes: bool = False


class ApiRouted(Event, frozen=True, tag="api.routed", kw_only=True):
    """These are all the routes of a registered API: what is on none of them is closed.

    `preflights` says whether browsers of other origins may ask which of them they may take. For
    `grace_seconds` after its lease a gate may let reads pass; one that knows nothing of that lets
    none, so it takes no newer version of the wire to read.
    """

    api: int
    routes: tuple[RouteRecord, ...]
    preflights: bool = False
    grace_seconds: int = 0


class ResourcePlaced(Event, frozen=True, tag="resource.placed", kw_only=True):
    """What an API calls by this key is this node of its tree, under this parent."""

    api: int
    key: str
    node: int
    parent: int | None


class ResourceRemoved(Event, frozen=True, tag="resource.removed", kw_only=True):
    """An API has nothing by this key any more: the node is nowhere."""

    api: int
    key: str
    node: int


class CutOff(Event, frozen=True, tag="cut-off", kw_only=True):
    """Every credential of `subject` made at or before `at` is dead.

    The subject is a user, an organization or a token that others hang on, by id; 0 is everybody. Of
    an organization it is what tokens may do there: a session goes on, and a token elsewhere.
    """

    subject: int
    at: int


class NodePlaced(Event, frozen=True, tag="node.placed", kw_only=True):
    """A node stands under this parent now; None at the top."""

    node: int
    parent: int | None


class NodeRemoved(Event, frozen=True, tag="node.removed", kw_only=True):
    """A node is trashed or gone: neither it nor anything below it is covered by any root."""

    node: int


class OrganizationRecorded(Event, frozen=True, tag="organization.recorded", kw_only=True):
    """What the doors of a host keep of an organization's policy.

    `management_limit` requests per `management_window_ms` on the management surface, per token;
    `delivery_rate` requests per second on the others, None for no limit. `audit_strict` says that a
    read goes on record before it is answered. Its tokens are good from `ip_ranges` alone, spelled
    as CIDR, and personal ones for who holds one of `token_roles`; None for any address, anybody.
    With `provider_only` who is signed in is let in only if a provider that counts there vouched for
    them.
    """

    name: str
    management_limit: int
    management_window_ms: int
    delivery_rate: float | None = None
    audit_strict: bool = False
    ip_ranges: tuple[str, ...] | None = None
    token_roles: tuple[int, ...] | None = None
    provider_only: bool = False

    @property
    def fenced(self) -> bool:
        """Whether it asks of anybody what a gate of version 2 knows nothing of."""
        bound = not (self.ip_ranges is None and self.token_roles is None)
        return bound or self.provider_only


class SecretTaken(Event, frozen=True, tag="secret.taken", kw_only=True):
    """Something that opens no gate by itself was taken away, or may have been.

    That is what a `user` signs in with, or a key-and-secret pair, which is exchanged for tokens. No
    gate needs to know. It is told for the journal of revocations: a restore brings none of it back.
    """

    user: int | None = None
    token: int | None = None


class EpochRecorded(Event, frozen=True, tag="epoch.recorded", kw_only=True):
    """The database lives this life now. Whoever knew another one must be built anew.

    While it is in quarantine nothing verifies: it was restored, and nobody has said yet what of it
    was revoked since.
    """

    epoch: int
    quarantined: bool


AnyEvent: TypeAlias = (
    TokenRecorded
    | TokenStruck
    | MemberRecorded
    | RoleRecorded
    | RoleStruck
    | ApiRecorded
    | ApiStruck
    | ApiRouted
    | ResourcePlaced
    | ResourceRemoved
    | CutOff
    | NodePlaced
    | NodeRemoved
    | OrganizationRecorded
    | SecretTaken
    | EpochRecorded
)

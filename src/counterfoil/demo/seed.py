"""Makes the sample organization, by the same operations that serve requests.

Whoever seeds stands at the machine: people and roles are made by the operator, content and tokens
in the name of the people whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from counterfoil import notices
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface, Surfaces
from counterfoil.app import sealing
from counterfoil.app.by_hand import begin
from counterfoil.app.fit import prefix
from counterfoil.audit.journal import Journal
from counterfoil.content.define_type import create_content_type
from counterfoil.content.model import Asset
from counterfoil.content.publish import publish
from counterfoil.content.tree import create_folder
from counterfoil.content.write import create_asset, create_entry, edit_entry
from counterfoil.demo.content import (
    FOLDERS,
    MEDIA,
    NAME,
    SHAPES,
    Piece,
    pictures,
    pieces,
    schema_id,
)
from counterfoil.demo.told import Sample, Someone
from counterfoil.demo.vendors import for_vendors
from counterfoil.directory import Person, vocabulary
from counterfoil.directory.define_role import create_role
from counterfoil.directory.enroll import assign, enroll
from counterfoil.directory.found import Founded, operator
from counterfoil.directory.register_api import create_api
from counterfoil.directory.seeds import WEB_API
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId, RoleId, UserId, new_id
from counterfoil.migrations import migrate
from counterfoil.office import Office, at_their_word
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin import digest_password, hand_entry, set_password
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.request import request_token
from counterfoil.tokens.wish import Wish

T = TypeVar("T")

PEOPLE: Final = (("Ann", "admin"), ("Ben", "developer"), ("Rita", "reader"))
"""Each with their role. The first founds the organization, and so administers it."""

_CALLED: Final = "counterfoil demo"
"""How whoever lays the sample out is called in the audit trail."""
_MACHINE: Final = Origin("demo", agent=_CALLED)
_AT_ONCE: Final = 250
_AT_A_TIME: Final = 8
_YEAR: Final = timedelta(days=365)
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_PASSWORD_CHARS: Final = 16


def email_of(name: str) -> str:
    """Return the address of one of the sample people."""
    return f"{name.lower()}@harbour.example"


def new_password(entropy: Entropy) -> str:
    """Return a password of 16 letters and digits that nobody confuses when typing it: 79 bits."""
    letters = len(_ALPHABET)
    chosen: list[str] = []
    while len(chosen) < _PASSWORD_CHARS:
        chosen += [
            _ALPHABET[byte % letters] for byte in entropy(8) if byte < 256 // letters * letters
        ]
    return "".join(chosen[:_PASSWORD_CHARS])


class Seeder:
    """Works in an office that nobody else uses yet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = sealing.opened(settings, _AT_A_TIME)
        self.journal = Journal(self._database)
        self.office = Office(
            self._database,
            self.journal,
            system_clock,
            system_entropy,
            committed=lambda _position: None,
            verify=at_their_word,
            vocabulary_of=vocabulary,
            prefix=prefix(self._database, settings.prefix),
        )

    def close(self) -> None:
        """Give the database back; of a sample's past no mail leaves."""
        with self._database.transaction(NOBODY) as tx:
            notices.send_none(tx)
        self._database.close()

    def founded(self, admin: Newcomer) -> Founded:
        """Found the organization."""
        caller = operator(OrganizationId(new_id(system_entropy)))
        with self.office.work(caller, _MACHINE) as work:
            return begin(work, NAME, "default", admin)

    def people(self, founded: Founded) -> list[Person]:
        """Enrol the two who are not there yet; return all three."""
        persons = [founded.admin]
        with self.office.work(operator(founded.organization.id), _MACHINE) as work:
            for name, role in PEOPLE[1:]:
                newcomer = Newcomer(name, email_of(name))
                persons.append(enroll(work, newcomer, [founded.roles[role].id]))
        return persons

    def let_in(self, organization: OrganizationId, digests: Mapping[UserId, str]) -> None:
        """Give people their passwords, of which these are the digests."""
        for user, digest in digests.items():
            with self.office.work(operator(organization), _MACHINE) as work:
                set_password(work, user, digest)

    def entry(self, organization: OrganizationId, user: UserId) -> str:
        """Return what lets a person in once, without a password."""
        with self.office.work(operator(organization), _MACHINE) as work:
            return hand_entry(work, user)

    def reassign(self, organization: OrganizationId, roles: Mapping[UserId, RoleId]) -> None:
        """Give people the roles that they have in the sample, whatever happened to them."""
        with self.office.work(operator(organization), _MACHINE) as work:
            for user, role in roles.items():
                assign(work, user, [role])

    def roles(self, founded: Founded) -> dict[str, Role]:
        """Register an API, make the custom role, and return all roles by name."""
        with self.office.work(operator(founded.organization.id), _MACHINE) as work:
            create_api(work, WEB_API)
            only = scopes(Scope.TOKENS_MANAGE, Scope.ROLES_READ)
            return {**founded.roles, "tokens_only": create_role(work, "tokens_only", only)}

    def content(self, founded: Founded, by: Caller) -> tuple[dict[str, str], dict[str, str]]:
        """Write the tree and everything in it; return nodes by path and content types by name."""
        with self.office.work(by, _MACHINE) as work:
            nodes: dict[str, NodeId] = {"": founded.organization.root}
            for path in FOLDERS:
                parent, _, slug = path.rpartition("/")
                nodes[path] = create_folder(work, nodes[parent], slug).id
            shapes = {
                shape.api_key: create_content_type(
                    work, shape.api_key, shape.name, schema_id(shape), shape.body(schema_id(shape))
                ).id
                for shape in SHAPES
            }
        for batch in _batches(pieces(), _AT_ONCE):
            self._entries(batch, by, nodes, shapes)
        with self.office.work(by, _MACHINE) as work:
            for name, size in pictures():
                create_asset(work, nodes[MEDIA], name, Asset(name, "image/jpeg", size))
        del nodes[""]
        return (
            {path: str(id_) for path, id_ in nodes.items()},
            {key: str(id_) for key, id_ in shapes.items()},
        )

    def _entries(
        self,
        batch: Iterable[Piece],
        by: Caller,
        nodes: Mapping[str, NodeId],
        shapes: Mapping[str, ContentTypeId],
    ) -> None:
        with self.office.work(by, _MACHINE) as work:
            for piece in batch:
                where, shape = nodes[piece.folder], shapes[piece.shape]
                entry = create_entry(work, where, shape, piece.content, piece.slug)
                if piece.published:
                    publish(work, entry.id)
                if piece.later is not None:
                    edit_entry(work, entry.id, piece.later)

    def tokens(self, people: list[Person], roles: Mapping[str, Role]) -> dict[str, str]:
        """Make the three tokens; what a member asks for is approved by the admin."""
        admin, developer, reader = map(signed_in, people)
        wish = Wish(
            "demo-manager",
            inherit=True,
            surfaces=ALL_SURFACES,
            authority="role",
            subject=roles["admin"].id,
            expires_at=self._in_a_year(),
        )
        with self.office.work(admin, _MACHINE) as work:
            manager = create_api_token(work, wish).secret.reveal()
        return {
            "manager": manager,
            "personal": self._approved(developer, admin, "demo-personal", ALL_SURFACES),
            "weak": self._approved(reader, admin, "demo-weak", Surface.DELIVERY.bit),
        }

    def _approved(self, by: Caller, admin: Caller, name: str, surfaces: Surfaces) -> str:
        wish = Wish(
            name,
            justification="sample data",
            inherit=True,
            surfaces=surfaces,
            expires_at=self._in_a_year(),
        )
        with self.office.work(by, _MACHINE) as work:
            made = request_token(work, wish)
        if made.request is not None:
            with self.office.work(admin, _MACHINE) as work:
                approve(work, made.request.id, made.request.version, Wish())
        return made.secret.reveal()

    def _in_a_year(self) -> datetime:
        return self.office.clock().replace(microsecond=0) + _YEAR


def signed_in(person: Person) -> Caller:
    """Return a person of the sample as a caller who has just signed in."""
    return Caller(
        organization=person.member.organization,
        user=person.user.id,
        method=Method.SESSION,
        grant=Grant(person.member.terms),
        token_name=_CALLED,
        authenticated_at=system_clock(),
    )


@contextmanager
def drawing_passwords() -> Iterator[tuple[list[str], Iterator[str]]]:
    """Hand out a new password for each of the people, and their digests as they get ready.

    Argon2 is slow on purpose, so it works on the other processors while we do something else.
    """
    passwords = [new_password(system_entropy) for _ in PEOPLE]
    with ThreadPoolExecutor(len(passwords)) as beside:
        yield passwords, beside.map(lambda one: digest_password(one, system_entropy), passwords)


def seed(settings: Settings) -> Sample:
    """Make the whole sample in an empty data directory."""
    (admin, _), *_ = PEOPLE
    settings.prepare()
    with drawing_passwords() as (passwords, digests):
        migrate(settings.url)
        with closing(Seeder(settings)) as seeder:
            founded = seeder.founded(Newcomer(admin, email_of(admin)))
            here = founded.organization
            persons = seeder.people(founded)
            roles = seeder.roles(founded)
            nodes, shapes = seeder.content(founded, signed_in(persons[0]))
            tokens = seeder.tokens(persons, roles)
            vendors = for_vendors(seeder.office, signed_in(persons[0]), roles["developer"])
            ids = [one.user.id for one in persons]
            seeder.let_in(here.id, dict(zip(ids, digests, strict=True)))
    return Sample(
        data_dir=str(settings.data_dir),
        organization={"id": str(here.id), "name": here.name},
        people=[
            Someone(email_of(name), password, [role], str(id_))
            for (name, role), password, id_ in zip(PEOPLE, passwords, ids, strict=True)
        ],
        tokens=tokens,
        roles={name: str(one.id) for name, one in roles.items()},
        nodes=nodes,
        content_types=shapes,
        datocms={"item_type": shapes["article"]},
        **vendors,
    )


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    waiting = iter(items)
    while batch := list(islice(waiting, size)):
        yield batch

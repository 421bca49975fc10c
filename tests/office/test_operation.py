"""The one way to act: forgetting closes, and effect, event and entry are one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE, NO_SCOPES, Scope
from counterfoil.access.surface import Surface
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import entries
from counterfoil.feed.event import NodePlaced
from counterfoil.feed.outbox import feed, read_after, read_head
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, Denied
from counterfoil.kernel.ids import UserId
from counterfoil.office import Office, at_their_word
from counterfoil.operation import ANY_CALLER, OPERATIONS, Work, operation
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from support.office import ACME, ORIGIN, START, StandingClock, office_on, session
from support.trail import bodies

pytestmark = pytest.mark.each_engine

ADA = session(1_000_000_000_000_100)


@operation("test.place", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def place(work: Work, node: int) -> None:
    """Place a node."""
    work.permit(target=str(node))
    work.emit(NodePlaced(organization=ACME, node=node, parent=None))


@operation("test.forgetful", requires=Scope.CONTENT_WRITE)
def forgetful(work: Work) -> None:
    """Change something without asking."""
    work.emit(NodePlaced(organization=ACME, node=1, parent=None))


@operation("test.aim", requires=Scope.CONTENT_WRITE)
def aim(work: Work, *, asks: bool) -> None:
    """Make something that has an id only then."""
    if asks:
        work.permit(target="folder")
    work.aims_at("made")
    work.emit(NodePlaced(organization=ACME, node=1, parent=None))


@operation("test.look", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def look(work: Work) -> None:
    """Read something."""
    work.permit()


@operation("test.own", requires=Scope.TOKENS_APPROVE, owner=True)
def own(work: Work, owner: int) -> None:
    """Touch a thing that belongs to somebody."""
    work.permit(owner=UserId(owner))


@operation("test.private", requires=None, owner=True)
def private(work: Work, owner: int | None) -> None:
    """Touch what is nobody else's to touch."""
    work.permit(owner=None if owner is None else UserId(owner))
    work.emit(NodePlaced(organization=ACME, node=1, parent=None))


@operation("test.nested", requires=Scope.CONTENT_WRITE)
def nested(work: Work) -> None:
    """Call another verb."""
    work.permit()
    place(work, 1)


@operation("test.mint", requires=Scope.TOKENS_MANAGE, methods=ANY_CALLER, fresh=True)
def mint(work: Work) -> Secret:
    """Mint something."""
    work.permit()
    return work.mint(Kind.SERVICE)


@operation("test.careless", requires=Scope.TOKENS_MANAGE)
def careless(work: Work) -> Secret:
    """Mint for whoever signed in at some time."""
    work.permit()
    return work.mint(Kind.SERVICE)


for _name in [name for name in OPERATIONS if name.startswith("test.")]:
    del OPERATIONS[_name]  # they are no part of the product's list


def outcomes(office: Office) -> list[tuple[str, str]]:
    with office.database.reading() as tx:
        rows = tx.execute(select(entries).order_by(entries.c.position)).all()
    return [(row.operation, row.outcome) for row in rows]


def test_effect_event_and_entry_are_one(office: Office) -> None:
    """One work commits its events and one audit entry for each operation (R14)."""
    with office.work(ADA, ORIGIN) as work:
        place(work, 1)
        place(work, 2)
    assert work.position == 2
    with office.database.reading() as tx:
        assert [position for position, _ in read_after(tx, 0, 10)] == [1, 2]
    assert outcomes(office) == [("test.place", "allowed")] * 2


def test_a_failure_leaves_nothing_but_its_refusal(office: Office) -> None:
    """When the last step fails nothing has happened, and one entry says why (R14)."""

    def spoil() -> None:
        with office.work(ADA, ORIGIN) as work:
            place(work, 1)
            own(work, 5)
            raise Conflict

    with pytest.raises(Conflict):
        spoil()
    with office.database.reading() as tx:
        assert tx.execute(select(feed)).all() == []
        assert read_head(tx).position == 0
    assert outcomes(office) == [("test.own", "CONFLICT")]


def test_a_crash_leaves_nothing(office: Office) -> None:
    """An error that nobody planned rolls everything back."""

    def crash() -> None:
        with office.work(ADA, ORIGIN) as work:
            place(work, 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()
    assert outcomes(office) == []


def test_an_operation_that_forgets_to_ask_cannot_commit(office: Office) -> None:
    """Forgetting `work.permit` is found by the first call, in any environment (S17)."""

    def forget() -> None:
        with office.work(ADA, ORIGIN) as work:
            forgetful(work)

    with pytest.raises(RuntimeError, match="never asked"):
        forget()
    with office.database.reading() as tx:
        assert tx.execute(select(feed)).all() == []


def test_to_aim_is_not_to_ask(office: Office) -> None:
    """What names its target has not asked for permission by that; the trail names it (S17, X2)."""

    def forget() -> None:
        with office.work(ADA, ORIGIN) as work:
            aim(work, asks=False)

    with pytest.raises(RuntimeError, match="never asked"):
        forget()
    with office.work(ADA, ORIGIN) as work:
        aim(work, asks=True)
    with office.database.reading() as tx:
        assert tx.execute(select(entries.c.target)).scalars().all() == ["made"]


def test_what_is_the_owners_alone(office: Office) -> None:
    """What is its owner's alone nobody else may do, whatever they hold (S17)."""
    assert ADA.user is not None
    with office.work(ADA, ORIGIN) as work:
        private(work, ADA.user)
    with pytest.raises(Denied) as denied, office.work(ADA, ORIGIN) as work:
        private(work, ADA.user + 1)
    assert denied.value.code is Code.INSUFFICIENT_ROLE
    assert outcomes(office) == [
        ("test.private", "allowed"),
        ("test.private", "INSUFFICIENT_ROLE"),
    ]


def test_an_operation_of_the_owner_says_whose_the_thing_is(office: Office) -> None:
    """Forgetting whose it is is found by the first call, in any environment (S17)."""
    with (
        pytest.raises(RuntimeError, match="never said whose"),
        office.work(ADA, ORIGIN) as work,
    ):
        private(work, None)
    with office.database.reading() as tx:
        assert tx.execute(select(feed)).all() == []


def test_verbs_do_not_call_verbs(office: Office) -> None:
    """One operation is one entry: a verb inside a verb is a mistake of ours."""
    with (
        pytest.raises(RuntimeError, match="verbs do not call verbs"),
        office.work(ADA, ORIGIN) as work,
    ):
        nested(work)


def test_reading_changes_nothing(office: Office) -> None:
    """An operation that writes cannot be done where reading was begun (S18)."""
    with pytest.raises(RuntimeError, match=r"office\.work"), office.read(ADA, ORIGIN) as work:
        place(work, 1)


def test_reads_are_on_record(office: Office) -> None:
    """A read leaves one entry that names the user, the token and its name then (X2, X3)."""
    with office.read(ADA, ORIGIN) as work:
        look(work)
    with office.database.reading() as tx:
        (row,) = bodies(tx)
    assert (row.user_id, row.token_id, row.token_name) == (ADA.user, ADA.token, "session")
    assert (row.operation, row.address, row.agent) == ("test.look", "192.0.2.7", "test/1")


def caller(method: Method, grant: Grant) -> Caller:
    return Caller(ACME, UserId(5), method, grant)


FULL = Grant((Term(EVERY_SCOPE),))
NONE = Grant((Term(NO_SCOPES),))


@pytest.mark.parametrize(
    ("who", "act", "code"),
    [
        (caller(Method.SYSTEM, FULL), look, Code.CREDENTIAL_KIND_NOT_ADMITTED),
        (caller(Method.PERSONAL, FULL), nested, Code.CREDENTIAL_KIND_NOT_ADMITTED),
        (
            caller(Method.PERSONAL, FULL.narrowed(surfaces=Surface.DELIVERY.bit)),
            look,
            Code.API_NOT_ENABLED_FOR_TOKEN,
        ),
        (caller(Method.PERSONAL, NONE), look, Code.INSUFFICIENT_SCOPE),
        (caller(Method.SESSION, NONE), lambda work: own(work, 6), Code.INSUFFICIENT_SCOPE),
    ],
)
def test_admission_is_data_and_defaults_to_closed(
    office: Office, who: Caller, act: Callable[[Work], None], code: Code
) -> None:
    """Kind, surface and scope are asked in this order, and a refusal is one entry (S13, S17)."""
    with pytest.raises(Denied) as caught, office.work(who, ORIGIN) as work:
        act(work)
    assert caught.value.code is code
    assert caught.value.recorded
    assert [outcome for _, outcome in outcomes(office)] == [code]


def test_an_owner_needs_no_scope(office: Office) -> None:
    """What `own` marks is open to the owner whatever their role (A21)."""
    with office.work(caller(Method.SESSION, NONE), ORIGIN) as work:
        own(work, 5)
    assert outcomes(office) == [("test.own", "allowed")]


def test_what_mints_for_people_says_fresh(office: Office) -> None:
    """An operation that mints for a session and asks for no fresh proof fails at once (S44)."""
    with pytest.raises(RuntimeError, match="fresh=True"), office.work(ADA, ORIGIN) as work:
        careless(work)


def test_an_old_proof_is_no_fresh_one(office: Office, clock: StandingClock) -> None:
    """After 15 minutes a session is sent to sign in again; a token is not a session (S44)."""
    clock.move_on(minutes=15)
    with office.work(ADA, ORIGIN) as work:
        mint(work)
    clock.move_on(seconds=1)
    unknown = replace(ADA, authenticated_at=None)
    for who in (ADA, unknown):
        with pytest.raises(Denied) as caught, office.work(who, ORIGIN) as work:
            mint(work)
        assert caught.value.code is Code.STEP_UP_REQUIRED
        assert caught.value.meta == {"max_age": 900}
    again = session(1_000_000_000_000_100, at=START + timedelta(minutes=10))
    for who in (again, caller(Method.SERVICE, FULL)):
        with office.work(who, ORIGIN) as work:
            mint(work)


def test_a_door_puts_its_own_refusals_on_record_once(office: Office) -> None:
    """What a door refuses before the operation begins is one entry, never two (R14)."""
    error = Denied(Code.INSUFFICIENT_SCOPE)
    for _ in range(2):
        office.refuse(ADA, ORIGIN, "test.place", error)
    assert outcomes(office) == [("test.place", "INSUFFICIENT_SCOPE")]


def test_the_body_of_an_entry_is_canonical(office: Office) -> None:
    """An entry keeps the bytes that were written: a version, then JSON with sorted keys."""
    with office.work(ADA, ORIGIN) as work:
        place(work, 7)
    with office.database.reading() as tx:
        body = tx.execute(select(entries.c.body)).scalar_one()
    assert body.startswith(b'\x01{"address":"192.0.2.7","agent":"test/1","at":')
    assert b'"target":"7"' in body


def test_a_refused_look_is_on_record_at_once(
    database: Database, clock: StandingClock, entropy: Entropy
) -> None:
    """A refused read does not wait for the journal: who dies then has lost no refusal (R14).

    Nor does one that a door goes on after, as GraphQL does beside the fields that it may answer.
    What the office looks up for somebody who is not signed in does: a write would tell who exists.
    """
    journal = Journal(database)
    office = Office(
        database, journal, clock, entropy, committed=lambda _at: None, verify=at_their_word
    )
    for caller in (session(1, Term(NO_SCOPES)), replace(ADA, method=Method.SYSTEM)):
        with pytest.raises(Denied), office.read(caller, ORIGIN) as work:
            look(work)
    with office.read(ADA, ORIGIN) as work:
        look(work)
    with office.read(session(1, Term(NO_SCOPES)), ORIGIN) as work, suppress(Denied):
        look(work)
    assert outcomes(office) == [("test.look", "INSUFFICIENT_SCOPE")] * 2
    journal.flush()
    assert [name for name, _ in outcomes(office)] == ["test.look"] * 4


def test_whose_provider_counts_no_more_commits_nothing(
    office: Office, database: Database, clock: StandingClock, entropy: Entropy
) -> None:
    """Who came by a provider that counts elsewhere no more, since this began, commits nothing (I1).

    They are let in where they act; but what they do may hold in their other organizations too.
    """

    def verify(caller: Caller, position: int, _address: str | None) -> tuple[Caller, int]:
        return replace(caller, vouched_in=() if position else (7,)), 0

    with office.work(ADA, ORIGIN) as work:
        place(work, 1)
    later = office_on(database, clock, entropy, verify=verify)
    with pytest.raises(Conflict), later.work(ADA, ORIGIN) as work:
        place(work, 2)
    assert outcomes(office) == [("test.place", "allowed"), ("test.place", "CONFLICT")]


def test_no_secret_in_the_agent(office: Office) -> None:
    """A token that stands in User-Agent is not in the trail (S9, S10)."""
    secret = Secret.mint(Kind.PERSONAL, office.entropy)
    with office.work(ADA, replace(ORIGIN, agent=f"curl {secret.reveal()}")) as work:
        place(work, 1)
    with office.database.reading() as tx:
        (body,) = tx.scalars(select(entries.c.body)).all()
        (entry,) = bodies(tx)
    assert secret.reveal().encode() not in body
    assert entry.agent.startswith("curl ")

"""Laws of the gate: whatever happens in whatever order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiStruck,
    CutOff,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    NodeRemoved,
    OrganizationRecorded,
    RoleRecorded,
    RoleStruck,
    ScopeRecord,
    SecretRecord,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.gate.grants import grant
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.replica.records import pack_bounds, pack_role
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.secret import Kind, digest
from support.gate import BASE, NOW, SECOND, ListFeed, ancestry, bounds, environ, mint
from support.office import StandingClock

FEW = st.integers(BASE + 1, BASE + 3)
NODES = st.integers(BASE + 1, BASE + 6)
POSITIONS = st.integers(4, 12)
CUTS = st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8])
ROOTS = st.none() | st.none() | st.lists(NODES, max_size=2).map(tuple)
MASKS = st.integers(-1, 2**6) | st.integers(2**63, 2**66) | st.just(-1)
CUSTOM = st.lists(st.integers(64, 70), max_size=2, unique=True).map(
    lambda bits: tuple(sorted(bits))
)
STATES = st.sampled_from(["active", "active", "pending", "disabled"])
EXPIRIES = st.none() | st.integers(-1, 40).map(lambda n: NOW + n * SECOND)
TEXTS = [mint(kind) for kind in (Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED, Kind.SESSION) * 3]
GRANTS = st.lists(
    st.builds(
        bounds, FEW, STATES, st.none() | MASKS, st.sampled_from([7, 7, 7, 1, 0]), ROOTS, CUSTOM
    ),
    max_size=3,
    unique_by=lambda grant: grant.organization,
).map(tuple)


def api(organization: int, api: int, numbers: Iterable[int]) -> ApiRecorded:
    """An API whose scopes are nobody else's, as the office sees to."""
    scopes = tuple(ScopeRecord(spelling(api, number), number) for number in sorted(numbers))
    return ApiRecorded(organization=organization, api=api, scopes=scopes)


def spelling(api: int, number: int) -> str:
    return f"api-{api}:do-{number}"


EVENTS: dict[str, st.SearchStrategy[Any]] = {
    "member": st.builds(
        MemberRecorded,
        organization=FEW,
        user=FEW,
        active=st.sampled_from([True, True, True, False]),
        roles=st.lists(FEW, max_size=3).map(tuple),
        cut_off=CUTS,
    ),
    "role": st.builds(
        RoleRecorded, organization=FEW, role=FEW, scopes=MASKS, roots=ROOTS, custom=CUSTOM
    ),
    "no role": st.builds(RoleStruck, organization=FEW, role=FEW),
    "api": st.builds(api, FEW, FEW, st.sets(st.integers(64, 66))),
    "no api": st.builds(ApiStruck, organization=FEW, api=FEW),
    "cut-off": st.builds(CutOff, subject=st.just(0) | FEW, at=CUTS),
    "node": st.builds(NodePlaced, organization=FEW, node=NODES, parent=st.none() | NODES),
    "no node": st.builds(NodeRemoved, organization=FEW, node=NODES),
    "organization": st.builds(
        OrganizationRecorded,
        organization=FEW,
        name=st.text(max_size=3),
        management_limit=st.integers(1, 99),
        management_window_ms=st.just(3000),
        delivery_rate=st.none() | st.floats(1, 9),
        ip_ranges=st.none() | st.just(()) | st.just(("192.0.2.0/24", "2001:db8::/32")),
        token_roles=st.none() | st.sets(FEW, max_size=2).map(lambda some: tuple(sorted(some))),
        provider_only=st.booleans(),
    ),
}


class Books:
    """What is true after some events: the office's side, as plainly as it can be said."""

    def __init__(self) -> None:
        self.held: dict[tuple[Any, ...], AnyEvent] = {}
        self.secrets: dict[int, tuple[bytes, ...]] = {}

    def note(self, event: AnyEvent) -> None:
        match event:
            case TokenRecorded() | TokenStruck():
                self.note_token(event)
            case ApiRecorded() | ApiStruck():
                self.note_api(event)
            case MemberRecorded(organization=organization, user=user):
                self.held["member", organization, user] = event
            case RoleRecorded(role=role):
                self.held["role", role] = event
            case RoleStruck(role=role):
                self.held.pop(("role", role), None)
            case CutOff(subject=subject, at=at):
                before = self.held.get(("cut", subject))
                at = max(at, before.at if isinstance(before, CutOff) else 0)
                self.held["cut", subject] = CutOff(subject=subject, at=at)
            case NodePlaced(organization=organization, node=node):
                self.held["node", organization, node] = event
            case NodeRemoved(organization=organization, node=node):
                self.held.pop(("node", organization, node), None)
            case OrganizationRecorded(organization=organization):
                self.held["organization", organization] = event

    def told(self, text: str) -> TokenRecorded | None:
        """What is known of the token with this text now."""
        for token, kept in self.secrets.items():
            event = self.held["token", token]
            if digest(text) in kept and isinstance(event, TokenRecorded):
                return event
        return None

    def lends(self, text: str, token: int | None) -> bool:
        """Whether a text is that of a personal token that has an authority to lend."""
        event = self.told(text)
        return event is not None and event.token == token and event.authority != "token"

    def lineage(self, organization: int, node: int | None) -> set[int]:
        """Climb from a node to the top: it and all above it, or nothing if it never gets there."""
        climbed: set[int] = set()
        while node is not None:
            placed = self.held.get(("node", organization, node))
            if not isinstance(placed, NodePlaced) or node in climbed:
                return set()
            climbed.add(node)
            node = placed.parent
        return climbed

    def note_token(self, event: TokenRecorded | TokenStruck) -> None:
        if isinstance(event, TokenRecorded):
            self.held["token", event.token] = event
            self.secrets[event.token] = tuple(secret.digest for secret in event.secrets)
        else:
            self.held.pop(("token", event.token), None)
            self.secrets.pop(event.token, None)

    def note_api(self, event: ApiRecorded | ApiStruck) -> None:
        key = ("api", event.organization, event.api)
        if isinstance(event, ApiRecorded):
            self.held[key] = event
        else:
            self.held.pop(key, None)

    def records(self) -> Iterable[AnyEvent]:
        return self.held.values()


class Feed(RuleBasedStateMachine):
    """A replica that follows, one that is built anew, and verifiers with and without memory."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.feed = ListFeed()
        self.books = Books()
        self.texts: set[str] = set()
        self.clock = StandingClock()

    @initialize()
    def begin(self) -> None:
        at = Path(self.folder.name)
        self.replica = Replica(at / "followed", map_bytes=1 << 24)
        self.rebuilt = Replica(at / "rebuilt", map_bytes=1 << 24)
        self.remembering = Verifier(self.replica, self.clock, names=True, remember=20)
        self.forgetful = Verifier(self.replica, self.clock, names=True, remember=0)
        few = range(BASE + 1, BASE + 4)
        for home in few:
            self.tell(RoleRecorded(organization=home, role=home, scopes=-1))
            for node in range(6):
                parent = BASE + node if node else None
                self.tell(NodePlaced(organization=home, node=BASE + 1 + node, parent=parent))
            for user in few:
                roles = (home, BASE + 1)
                self.tell(MemberRecorded(organization=home, user=user, active=True, roles=roles))

    def teardown(self) -> None:
        self.replica.close()
        self.rebuilt.close()
        self.folder.cleanup()

    def tell(self, event: AnyEvent) -> None:
        self.feed.events.append(event)
        self.books.note(event)
        assert self.replica.apply(len(self.feed.events), event)

    @rule(event=st.sampled_from(sorted(EVENTS)).flatmap(EVENTS.__getitem__))
    def something(self, event: AnyEvent) -> None:
        self.tell(event)

    @rule(
        which=st.sampled_from(range(len(TEXTS))),
        authority=st.sampled_from(["user"] * 6 + ["role", "role", "none", "token", "token"]),
        subject=FEW | FEW | FEW | st.none(),
        lender=st.sampled_from([BASE] * 6 + [BASE + n for n in range(1, 4)]),
        expires_at=EXPIRIES,
        dies_at=EXPIRIES,
        position=POSITIONS,
        grants=GRANTS,
        parent=st.none() | FEW,
        proved=st.none() | st.just(NOW),
        vouched_in=st.none() | st.just(()) | st.lists(FEW, max_size=3).map(tuple),
    )
    def token(self, which: int, position: int, lender: int, **sides: Any) -> None:
        """One of few tokens, so that they replace each other; each text is one token's alone."""
        text = TEXTS[which]
        self.texts.add(text)
        token = BASE + which % 4
        dies_at = sides.pop("dies_at")
        if sides["authority"] == "token":
            sides |= {"subject": lender, "parent": lender}
        self.tell(
            TokenRecorded(
                token=token,
                letter=text[2],
                name=f"token {which}",
                position=position,
                secrets=(SecretRecord(digest(text), dies_at),),
                authenticated_at=sides.pop("proved"),
                **sides,
            )
        )

    @rule(token=st.integers(BASE, BASE + 3))
    def revoke(self, token: int) -> None:
        self.tell(TokenStruck(token=token, digests=self.books.secrets.get(token, ())))

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """What was seen changes nothing when it comes again, in any order (R3)."""
        if self.feed.events:
            at = data.draw(st.integers(1, len(self.feed.events)))
            before = self.replica.dump()
            assert not self.replica.apply(at, self.feed.events[at - 1])
            assert self.replica.dump() == before

    @rule(ahead=st.integers(2, 9), event=EVENTS["cut-off"])
    def lost(self, ahead: int, event: AnyEvent) -> None:
        """A gap is refused, and nothing of what lies beyond it is applied (R3)."""
        try:
            self.replica.apply(len(self.feed.events) + ahead, event)
        except GapError:
            return
        message = "it skipped"
        raise AssertionError(message)

    @rule(seconds=st.integers(0, 2))
    def time_passes(self, seconds: int) -> None:
        self.clock.move_on(seconds=seconds)

    @invariant()
    def alike(self) -> None:
        """Memory changes no verdict, at no moment and after no commit (S19)."""
        step = len(self.feed.events)
        node, scope = NodeId(BASE + 1 + step % 6), list(Scope)[step % 4]

        custom = spelling(BASE + 1 + step % 3, 64 + step % 3)

        def verdicts(by: Verifier, text: str, home: OrganizationId | None) -> list[object]:
            sent = environ(text)
            return [
                outcome(lambda: by.verify(text, home)),
                outcome(lambda: by.decide(sent, Surface.DELIVERY, scope, node, home)),
                outcome(lambda: by.decide_custom(sent, custom, home)),
            ]

        for text in self.texts:
            for home in (None, OrganizationId(BASE + 1), OrganizationId(BASE + 2)):
                fresh = verdicts(self.forgetful, text, home)
                assert verdicts(self.remembering, text, home) == fresh
                assert verdicts(self.remembering, text, home) == fresh

    @invariant()
    def lent(self) -> None:
        """What takes its authority from a token is let in nowhere that the token is not (S24)."""
        for text in self.texts:
            told = self.books.told(text)
            if told is None or told.authority != "token":
                continue
            lenders = [one for one in self.texts if self.books.lends(one, told.subject)]
            for speaks in told.grants:
                home = OrganizationId(speaks.organization)
                places = product(Surface, [*Scope][:3], range(BASE + 1, BASE + 5))
                for surface, scope, node in places:
                    at = surface, scope, NodeId(node), home
                    if self.lets_in(text, *at):
                        assert any(self.lets_in(one, *at) for one in lenders)

    def lets_in(self, text: str, *asked: Any) -> bool:
        return isinstance(outcome(lambda: self.remembering.decide(environ(text), *asked)), Caller)

    @invariant()
    def stands(self) -> None:
        """What is written of a node is what climbing from it would find (S27, S28)."""
        for home in range(BASE + 1, BASE + 4):
            for node in range(BASE + 1, BASE + 7):
                told = ancestry(self.replica, home, node)
                assert told == self.books.lineage(home, node)

    @invariant()
    def equal(self) -> None:
        """What the feed built equals what the records build (S19, R13)."""
        if not self.feed.events:
            return
        self.feed.records = list(self.books.records())
        self.rebuilt.rebuild(self.feed)
        assert self.rebuilt.dump() == self.replica.dump()
        assert self.rebuilt.position() == self.replica.position()
        assert self.rebuilt.place().proof.sum == self.replica.place().proof.sum
        assert self.rebuilt.count(lambda: None) is True


def outcome(question: Callable[[], object]) -> object:
    """What came of it: a caller, or all that the refusal says."""
    try:
        return question()
    except CounterfoilError as error:
        return type(error), error.code, error.detail, dict(error.meta)


@given(
    bound=st.builds(
        bounds, FEW, scopes=st.none() | MASKS, roots=ROOTS, custom=CUSTOM, ceiling=ROOTS
    ),
    roles=st.lists(EVENTS["role"], max_size=3),
)
def test_reading_is_narrowing(bound: GrantRecord, roles: list[RoleRecorded]) -> None:
    """What the gate reads out of its records is the roles, narrowed by the bounds (I2, S21)."""
    own = [role for role in roles if role.organization == bound.organization]
    held = Grant(tuple(Term(*sides(role.scopes, role.custom, role.roots)) for role in own))
    scopes, roots = sides(bound.scopes, bound.custom, bound.roots)
    _, ceiling = sides(None, (), bound.ceiling)
    narrowed = held.narrowed(scopes=scopes, roots=roots, surfaces=bound.surfaces)
    narrowed = narrowed.narrowed(roots=ceiling)
    assert grant(pack_bounds(bound), *map(pack_role, roles), None) == narrowed


def sides(
    scopes: int | None, custom: tuple[int, ...], roots: tuple[int, ...] | None
) -> tuple[int, frozenset[NodeId] | None]:
    """A record's scopes, custom ones among them, and its roots."""
    mask = -1 if scopes is None else scopes
    for bit in custom if scopes is not None else ():
        mask |= 1 << bit
    return mask, None if roots is None else frozenset(map(NodeId, roots))


Feed.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)


class TestFeed(Feed.TestCase):  # type: ignore[misc, valid-type]
    """Feed and rebuild agree, memory is invisible, nothing is skipped or taken twice (R3, S19)."""

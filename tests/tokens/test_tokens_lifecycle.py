"""The life of tokens against a plain dictionary: a gate says what the model says."""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from counterfoil import tokens
from counterfoil.access.scope import Scopes
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.tokens.approve import approve, cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.revoke_all import revoke_tokens
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.office import StandingClock, empty_database
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall
from tokens.lifecycle_model import Belief, Person

QUOTA = 5
SETS = st.sampled_from([READ, WRITE, PUBLISH, READ | WRITE, READ | WRITE | PUBLISH])


class Lifecycle(RuleBasedStateMachine):
    """Ada is the admin; Dan and Rea are members whose roles change."""

    made = Bundle("made")

    url: str | None = None
    """Which database the books are on; one of its own for each life, where nothing is said."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.opened = ExitStack()
        database = self.opened.enter_context(
            empty_database(self.url or f"sqlite:///{self.folder / 'office.sqlite'}")
        )
        self.clock = StandingClock()
        self.hall = Hall(database, self.clock, self.folder, random.Random(1).randbytes)
        self.agency = Agency(self.hall)
        self.believed: dict[TokenId, Belief] = {}
        self.people = {
            self.agency.ada: Person("admin"),
            self.agency.dan: Person("developer"),
            self.agency.rea: Person("reader"),
        }

    def teardown(self) -> None:
        assert self.hall.rebuilt() == self.hall.replica.dump()
        self.hall.replica.close()
        self.opened.close()
        shutil.rmtree(self.folder)

    def _scopes(self, who: UserId) -> Scopes:
        return self.agency.roles[self.people[who].role].scopes

    def _who(self, place: int) -> UserId:
        return list(self.people)[place]

    def _tried(self, act: object) -> bool:
        """Say whether it was done."""
        try:
            act()  # type: ignore[operator]
        except CounterfoilError:
            return False
        return True

    @rule(target=made, place=st.integers(0, 2), scopes=SETS, hours=st.integers(1, 900))
    def request(self, place: int, scopes: Scopes, hours: int) -> object:
        return self._request(place, scopes, hours)

    @rule(target=made, place=st.integers(1, 2), scopes=st.sampled_from([READ | WRITE, READ]))
    def grant(self, place: int, scopes: Scopes) -> object:
        asked = self._request(place, scopes & self._scopes(self._who(place)), 900)
        if isinstance(asked, int):
            self._decide(TokenId(asked), 0, "approve")
        return asked

    def _request(self, place: int, scopes: Scopes, hours: int) -> object:
        who, now = self._who(place), self.clock()
        person = self.people[who]
        counted = sum(
            one.owner == who
            and one.state in {"pending", "active", "disabled"}
            and not one.cut
            and not one.expired(now)
            for one in self.believed.values()
        )
        may = person.active and not scopes & ~self._scopes(who) and counted < QUOTA
        try:
            asked = self.agency.ask(who, scopes=scopes, expires_at=now + timedelta(hours=hours))
        except CounterfoilError:
            assert not may
            return multiple()
        assert may
        pending = person.role != "admin"
        assert (asked.request is not None) is pending
        self.believed[asked.token.id] = Belief(
            who, asked.secret, scopes, now + timedelta(hours=hours),
            "pending" if pending else "active",
            wanted=scopes, request=asked.request, since=now,
        )  # fmt: skip
        return asked.token.id

    @rule(token=made, place=st.integers(0, 2), verb=st.sampled_from(["approve", "deny", "cancel"]))
    def decide(self, token: TokenId, place: int, verb: str) -> None:
        self._decide(token, place, verb)

    def _decide(self, token: TokenId, place: int, verb: str) -> None:
        belief, who = self.believed[token], self._who(place)
        request, now = belief.request, self.clock()
        if request is None:
            return
        person, owner = self.people[who], self.people[belief.owner]
        admin = person.active and person.role == "admin" and who != belief.owner
        may = (
            belief.waiting(now)
            and not belief.cut
            and {
                "approve": admin
                and owner.active
                and not belief.expired(now)
                and bool(belief.wanted & self._scopes(belief.owner)),
                "deny": admin,
                "cancel": who == belief.owner,
            }[verb]
        )

        def act() -> None:
            with self.agency.acting(who) as work:
                if verb == "approve":
                    approve(work, request.id, request.version, Wish())
                elif verb == "deny":
                    deny(work, request.id, request.version, "no")
                else:
                    cancel(work, request.id, request.version)

        assert self._tried(act) is may
        if not may:
            return
        belief.request = None
        if verb == "approve":
            belief.scopes = belief.wanted & self._scopes(belief.owner)
            if belief.state == "pending":
                belief.state = "active"
        elif belief.state == "pending":
            belief.state = "dead"

    @rule(token=made, scopes=SETS)
    def rescope(self, token: TokenId, scopes: Scopes) -> None:
        self._rescope(token, scopes)

    @rule(token=made)
    def narrow(self, token: TokenId) -> None:
        self._rescope(token, self.believed[token].scopes & READ or WRITE)

    def _rescope(self, token: TokenId, scopes: Scopes) -> None:
        belief, now = self.believed[token], self.clock()
        who, person = belief.owner, self.people[belief.owner]
        done = []

        def act() -> None:
            with self.agency.acting(who) as work:
                done.append(edit(work, token, Wish(scopes=scopes)))

        present = belief.wanted if belief.state == "pending" else belief.scopes
        changes = scopes != present
        may = (
            belief.state != "dead"
            and not belief.cut
            and not belief.expired(now)
            and person.active
            and not (changes and scopes & ~self._scopes(who))
        )
        assert self._tried(act) is may
        if not (may and changes):
            return
        wider = bool(scopes & ~belief.scopes)
        if person.role != "admin" and (belief.state == "pending" or wider):
            belief.wanted, belief.request, belief.since = scopes, done[0].request, now
            assert belief.request is not None
            if belief.state != "pending":
                belief.scopes &= scopes
        else:
            belief.scopes, belief.request = scopes, None
            if belief.state == "pending":  # by now nobody else must agree
                belief.state = "active"

    @rule(token=made, place=st.integers(0, 2), on=st.booleans())
    def switch(self, token: TokenId, place: int, *, on: bool) -> None:
        belief, who = self.believed[token], self._who(place)
        person = self.people[who]
        admin = person.active and person.role == "admin"
        own = who == belief.owner and (not on or belief.off_by in {None, belief.owner})
        may = (
            (admin or own)
            and belief.state in {"active", "disabled"}
            and not belief.cut
            and not belief.expired(self.clock())
        )

        def act() -> None:
            with self.agency.acting(who) as work:
                (enable if on else disable)(work, token)

        assert self._tried(act) is may
        if may and on is (belief.state == "disabled"):
            belief.state = "active" if on else "disabled"
            belief.off_by = None if on else who

    @rule(token=made, place=st.integers(0, 2))
    def end(self, token: TokenId, place: int) -> None:
        belief, who = self.believed[token], self._who(place)
        person = self.people[who]
        may = who == belief.owner or (person.active and person.role == "admin")
        may = may and not belief.over(self.clock())

        def act() -> None:
            with self.agency.acting(who) as work:
                revoke(work, token)

        assert self._tried(act) is may
        if may:
            belief.state, belief.request = "dead", None

    @rule(place=st.integers(0, 2))
    def end_all(self, place: int) -> None:
        who = self._who(place)
        with self.agency.acting(who) as work:
            revoke_mine(work)
        for belief in self.believed.values():
            if belief.owner == who and not belief.cut and not belief.over(self.clock()):
                belief.state, belief.request = "dead", None

    @rule()
    def end_everyone_s(self) -> None:
        with self.agency.acting(self.agency.ada) as work:
            revoke_tokens(work, "leaked")
        for belief in self.believed.values():
            belief.cut = True

    @rule(place=st.integers(1, 2), role=st.sampled_from(["admin", "developer", "reader"]))
    def reassign(self, place: int, role: str) -> None:
        who = self._who(place)
        with self.agency.acting(self.agency.ada) as work:
            assign(work, who, [self.agency.roles[role].id])
        self.people[who].role = role

    @rule(place=st.integers(1, 2))
    def dismiss_or_return(self, place: int) -> None:
        who = self._who(place)
        person = self.people[who]
        with self.agency.acting(self.agency.ada) as work:
            (deactivate if person.active else reactivate)(work, who)
        person.active = not person.active
        if not person.active:
            for belief in self.believed.values():
                belief.cut = belief.cut or belief.owner == who

    @rule(hours=st.integers(1, 400))
    def wait(self, hours: int) -> None:
        self.clock.move_on(hours=hours)

    @rule()
    def sweep(self) -> None:
        tokens.sweep(self.agency.office)
        for belief in self.believed.values():
            if belief.request is not None and (belief.cut or not belief.waiting(self.clock())):
                belief.request = None
                if belief.state == "pending":
                    belief.state = "dead"

    @invariant()
    def the_gate_agrees(self) -> None:
        for token, belief in self.believed.items():
            said = self.hall.refusal(belief.secret)
            expected = self._expected(belief)
            assert said in expected, (said, expected)
            if said == "allowed":
                caller = self.hall.verify(belief.secret)
                assert caller.token == token
                assert caller.grant.scopes == belief.scopes & self._scopes(belief.owner)

    @invariant()
    def the_books_agree(self) -> None:
        for token, belief in self.believed.items():
            shown = str(self.agency.state(token))
            if belief.cut or belief.state == "dead":
                assert shown in {"revoked", "denied", "lapsed"}
            else:
                assert shown == belief.state

    def _expected(self, belief: Belief) -> set[str]:
        if belief.state == "dead":
            return {"INVALID_TOKEN"}
        reasons = set()
        if belief.cut:
            reasons |= {"INVALID_TOKEN", "OWNER_DEACTIVATED"}
        if belief.expired(self.clock()):
            reasons.add("TOKEN_EXPIRED")
        if belief.state == "pending":
            reasons.add("TOKEN_PENDING_APPROVAL")
        if belief.state == "disabled":
            reasons.add("TOKEN_DISABLED")
        if not self.people[belief.owner].active:
            reasons.add("OWNER_DEACTIVATED")
        return reasons or {"allowed"}


@pytest.mark.parametrize(("engine", "lives"), [("sqlite", 50), ("postgres", 5)])
def test_a_gate_says_what_a_plain_model_says(
    engine: str, lives: int, request: pytest.FixtureRequest
) -> None:
    """Whatever happens, gate and books say what a plain model says (I1, I2, I8, S22)."""

    class Life(Lifecycle):
        url = request.getfixturevalue("postgres_url") if engine == "postgres" else None

    run_state_machine_as_test(
        Life, settings=settings(max_examples=lives, stateful_step_count=40, deadline=None)
    )

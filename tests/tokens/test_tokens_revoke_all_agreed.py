"""Whatever is made and ended, in whatever order: gate and office say the same of it."""

from __future__ import annotations

import random
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil import tokens
from counterfoil.directory.enroll import deactivate, reactivate
from counterfoil.kernel.errors import Conflict, Refused
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens import Issued
from counterfoil.tokens.exchange import require_in_force
from counterfoil.tokens.model import State
from support.every_kind import (
    a_pair,
    attenuated,
    begun,
    by_person,
    end_all,
    exchanged,
)
from support.office import ORIGIN, StandingClock, empty_database
from support.tokens import Agency, Hall

KINDS = ("personal", "by role", "by person", "pair", "exchanged", "attenuated", "everywhere")
DONE = st.one_of(st.sampled_from(KINDS), st.just("end all"), st.just("shut Dan out"))


@pytest.mark.parametrize(("engine", "lives"), [("sqlite", 25), ("postgres", 4)])
def test_gate_and_office_say_the_same(
    engine: str, lives: int, request: pytest.FixtureRequest
) -> None:
    """Of every kind of token, after any order of makings and ends: what opens is shown as active.

    And what is shown as revoked opens nothing (R21, I1, I2, S20).
    """
    url = request.getfixturevalue("postgres_url") if engine == "postgres" else None

    @settings(max_examples=lives, deadline=None)
    @given(st.lists(DONE, min_size=4, max_size=14))
    def lived(done: list[str]) -> None:
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            where = url or f"sqlite:///{folder / 'office.sqlite'}"
            database = opened.enter_context(empty_database(where))
            hall = Hall(database, StandingClock(), folder, random.Random(1).randbytes)
            opened.callback(hall.replica.close)
            live_through(begun(Agency(hall)), done)

    lived()


def live_through(agency: Agency, done: list[str]) -> None:
    """Do each of these, and compare what gate, office and a plain model say."""
    made: list[tuple[Issued, bool]] = []
    for number, one in enumerate(done):
        if one == "end all":
            toll = end_all(agency)
            assert toll.total == sum(lives for _, lives in made)
            made = [(token, False) for token, _ in made]
        elif one == "shut Dan out":
            with agency.acting(agency.ada) as work:
                deactivate(work, agency.dan)
            with agency.acting(agency.ada) as work:
                reactivate(work, agency.dan)
            made = [(token, lives and not is_of(agency.dan, token)) for token, lives in made]
        else:
            made += [(token, True) for token in make(agency, one, f"token {number}")]
        for token, lives in made:
            assert opens_at_all(agency, token) is lives, (done, token)
            state = agency.state(token.token.id)
            assert state is (State.ACTIVE if lives else State.REVOKED), (done, token)
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def is_of(user: UserId, made: Issued) -> bool:
    return made.token.owner == user


def opens_at_all(agency: Agency, made: Issued) -> bool:
    """Say whether a token is let in; of a pair, whether it may be exchanged."""
    if made.token.kind is not Kind.CLIENT:
        return agency.hall.refusal(made.secret) == "allowed"
    with agency.office.work(tokens.as_client(made.token), ORIGIN) as work:
        try:
            require_in_force(work, agency.token(made.token.id))
        except Refused:
            return False
        finally:
            work.acts.clear()
        return True


def make(agency: Agency, kind: str, name: str) -> list[Issued]:
    """Make a token of a kind, and what it has to come of; nothing where a quota is full."""
    if kind in {"by role", "by person"}:
        return [agency.api_token(name=name) if kind == "by role" else by_person(agency)]
    if kind in {"pair", "exchanged"}:
        pair = a_pair(agency)
        return [pair, exchanged(agency, pair)] if kind == "exchanged" else [pair]
    try:
        asked = agency.granted(agency.dan, name, span_all=kind == "everywhere")
    except Conflict:
        return []
    mine = Issued(agency.token(asked.token.id), asked.secret)
    return [mine, attenuated(agency, asked.secret)] if kind == "attenuated" else [mine]


def test_no_exchange_slips_through(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a pair that is ended while it is exchanged nothing is left: not even what is given later.

    It is ended, and committed, at the worst moment: right before it is read where the feed stands.
    """
    with ExitStack() as opened:
        database = opened.enter_context(empty_database(postgres_url))
        hall = Hall(database, StandingClock(), tmp_path, random.Random(1).randbytes)
        opened.callback(hall.replica.close)
        agency = Agency(hall)
        pair = a_pair(agency)
        moments = [lambda: end_all(agency)]
        read = Work.head

        def head(work: Work, *, hold: bool = False) -> int:
            if moments and work.caller.token == pair.token.id:
                moments.pop()()
            return read(work, hold=hold)

        monkeypatch.setattr(Work, "head", head)
        with pytest.raises(Refused):
            exchanged(agency, pair)
        assert not moments
        assert agency.state(pair.token.id) is State.REVOKED

"""What is unlike a token is pointed out, once, to who may end it; and nothing is done to it."""

from __future__ import annotations

import pytest

from counterfoil import tokens
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import Outcome
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.store import flags
from counterfoil.tokens.suspicion import BURST, RETRIES, Flag, Reason
from counterfoil.web.language import translations
from counterfoil.web.views.flag_said import flag_said
from support.office import StandingClock
from support.tokens import Agency, Door, Hall

pytestmark = pytest.mark.each_engine

PATH = "/cma/personal_access_tokens"
HOME, AWAY, FAR = "192.0.2.7", "198.51.100.9", "203.0.113.5"


class Watched:
    """A token of Dan's that is used in some way, while somebody watches."""

    def __init__(self, hall: Hall, agency: Agency) -> None:
        self.hall, self.agency = hall, agency
        self.made: Requested = agency.granted(agency.dan)

    def use(
        self,
        address: str = HOME,
        agent: str = "curl/8.5.0",
        outcome: Outcome = Outcome.ALLOWED,
        times: int = 1,
    ) -> None:
        id_, where = self.made.token.id, self.agency.id
        bearer = Caller(where, self.agency.dan, Method.PERSONAL, Grant(()), id_)
        for _ in range(times):
            self.hall.usage.count(bearer, Surface.DELIVERY, outcome, agent, address)
        self.hall.tally.flush()

    def watch(self) -> int:
        return tokens.watch(self.hall.office)

    def settle(self, **later: float) -> None:
        """Use it from home, have that learnt, and let time pass."""
        self.use()
        assert self.watch() == 0
        self.hall.clock.move_on(**(later or {"days": 2}))

    def flags(self) -> dict[Reason, Flag]:
        with self.hall.database.reading() as tx:
            return flags.of(tx, self.agency.id, [self.made.token.id])[self.made.token.id]

    def said(self, reason: Reason) -> str:
        """Return what is flagged, in German."""
        return flag_said(self.flags()[reason].detail, translations("de").gettext)

    def shown(self, door: Door) -> list[str]:
        seen = door("GET", f"{PATH}/{self.made.token.id}").json["data"]["attributes"]
        return [one["reason"] for one in seen["flags"]]


@pytest.fixture
def watched(hall: Hall, agency: Agency) -> Watched:
    return Watched(hall, agency)


def test_a_new_network(watched: Watched) -> None:
    """A token that is suddenly used from elsewhere is flagged, with where; only once (G12h)."""
    watched.settle()
    watched.use()
    assert watched.watch() == 0
    watched.use(AWAY)
    watched.use(AWAY)
    assert watched.watch() == 1
    assert watched.watch() == 0
    (flag,) = watched.flags().values()
    assert (flag.reason, flag.count, flag.is_open) == (Reason.NEW_NETWORK, 1, True)
    assert watched.said(Reason.NEW_NETWORK).startswith("Es wurde")
    assert "198.51.100.0/24" in flag.detail
    assert watched.agency.trail()[-1] == ("token.flag", "allowed")


def test_a_new_client(watched: Watched) -> None:
    """A client that never used it before flags it, but not the next version of one (G12h)."""
    watched.settle()
    watched.use(agent="curl/9.0.0")
    assert watched.watch() == 0
    watched.use(agent="python-requests/2.31")
    assert watched.watch() == 1
    (flag,) = watched.flags().values()
    assert flag.reason is Reason.NEW_CLIENT
    assert watched.said(Reason.NEW_CLIENT).startswith("Es wurde")
    assert "python-requests" in flag.detail


def test_the_first_day_says_what_it_is_like(watched: Watched) -> None:
    """What is used within a day of the first use is what the token is like (G12h)."""
    watched.settle(hours=23)
    watched.use(AWAY, "ci/1")
    assert watched.watch() == 0
    watched.hall.clock.move_on(days=1)
    watched.use(AWAY, "ci/1")
    assert watched.watch() == 0
    assert watched.flags() == {}


def test_one_more_of_the_same(watched: Watched, clock: StandingClock) -> None:
    """A second new network is the same flag, seen again, and no further entry in the trail."""
    watched.settle()
    watched.use(AWAY)
    watched.watch()
    raised_at = clock()
    entries = len(watched.agency.trail())
    clock.move_on(minutes=5)
    watched.use(FAR)
    assert watched.watch() == 0
    flag = watched.flags()[Reason.NEW_NETWORK]
    assert (flag.raised_at, flag.last_at, flag.count) == (raised_at, clock(), 2)
    assert len(watched.agency.trail()) == entries


@pytest.mark.parametrize("outcome", [Outcome.FORBIDDEN, Outcome.EXPIRED, Outcome.REVOKED])
def test_a_burst(watched: Watched, outcome: Outcome) -> None:
    """Many refusals in an hour flag the token, also one that opens nothing any more (G12h)."""
    watched.use(outcome=outcome, times=BURST * RETRIES - RETRIES)
    assert watched.watch() == 0
    watched.use(outcome=outcome, times=RETRIES)
    assert watched.watch() == 1
    flag = watched.flags()[Reason.REFUSALS]
    assert "Anfragen wurden" in watched.said(Reason.REFUSALS)
    assert flag.count == BURST * RETRIES
    assert outcome in flag.detail
    assert watched.watch() == 0
    watched.use(outcome=outcome, times=50)
    assert watched.watch() == 0
    assert watched.flags()[Reason.REFUSALS].count == flag.count + 50


def test_a_retrying_client_is_no_burst(watched: Watched) -> None:
    """A client that asks four times for each of a dozen things is a dozen attempts (G12h)."""
    watched.use(outcome=Outcome.EXPIRED, times=48)
    assert watched.watch() == 0
    assert watched.flags() == {}


def test_refused_from_elsewhere(watched: Watched) -> None:
    """A network from which the token only failed says nothing of where it is used (G12h)."""
    watched.settle()
    watched.use(AWAY, outcome=Outcome.DISABLED)
    assert watched.watch() == 0


def test_who_sees_it_and_dismisses_it(watched: Watched, agency: Agency) -> None:
    """Owner and admin see why, and either may say that all is well; nobody else (G12h)."""
    watched.settle()
    watched.use(AWAY)
    watched.watch()
    people = (agency.dan, agency.ada, agency.rea)
    dan, ada, rea = (agency.door(agency.caller(one)) for one in people)
    path = f"{PATH}/{watched.made.token.id}/flags"
    assert watched.shown(dan) == watched.shown(ada) == ["new_network"]
    assert rea("DELETE", path).status_code == 404
    assert agency.door(watched.made.secret)("DELETE", path).status_code == 403
    assert watched.shown(dan) == ["new_network"]
    done = dan("DELETE", path)
    assert (done.status_code, done.json["data"]["attributes"]["flags"]) == (200, [])
    assert watched.shown(ada) == []
    assert dan("DELETE", path).status_code == 200


def test_what_was_dismissed_is_familiar(watched: Watched, agency: Agency) -> None:
    """After somebody said that it is all right, only something else raises a flag again (G12h)."""
    watched.settle()
    watched.use(AWAY, outcome=Outcome.ALLOWED)
    watched.use(outcome=Outcome.FORBIDDEN, times=BURST * RETRIES)
    assert watched.watch() == 2
    dan = agency.door(agency.caller(agency.dan))
    assert dan("DELETE", f"{PATH}/{watched.made.token.id}/flags").status_code == 200
    watched.use(AWAY)
    watched.use(outcome=Outcome.FORBIDDEN, times=50)
    assert watched.watch() == 0
    watched.hall.clock.move_on(hours=1)
    watched.use(FAR)
    watched.use(outcome=Outcome.FORBIDDEN, times=BURST * RETRIES * 9)
    assert watched.watch() == 2
    assert {flag.is_open for flag in watched.flags().values()} == {True}


def test_the_token_works_on(watched: Watched) -> None:
    """A flag takes nothing away: what is to be done is for people to say (G12h)."""
    watched.settle()
    watched.use(AWAY)
    assert watched.watch() == 1
    assert watched.hall.refusal(watched.made.secret) == "allowed"


def test_a_machine_with_many_names(watched: Watched) -> None:
    """A client that invents names has a bound here too, and ends by raising nothing (S42)."""
    watched.settle()
    for turn in range(12):
        for number in range(30):
            watched.use(f"10.{turn}.{number}.1", f"agent-{turn}-{number}/1")
        watched.watch()
        watched.hall.clock.move_on(hours=1)
    with watched.hall.database.reading() as tx:
        known = flags.familiar(tx, flags.Whose(watched.agency.id, watched.made.token.id))
    assert len(known.networks) <= flags.MOST
    assert known.clients <= flags.MOST
    before = watched.flags()
    watched.use("10.99.0.1", "yet-another/1")
    assert watched.watch() == 0
    assert watched.flags() == before

"""A token whose owner thinks again: a wish is taken back, an end comes earlier, an edit is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, Stale
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.approve import approve
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.show import list_requests, show_request
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import READ, WRITE, Agency, Hall, code, request_of

PATH = "/cma/personal_access_tokens"
SOON = START + timedelta(days=2)

pytestmark = pytest.mark.each_engine


def approval(agency: Agency, whose: str) -> None:
    """Have the policy ask the approval of these people's tokens."""
    with agency.operating() as work:
        edit_policy(work, 1, {"approval": whose})


@pytest.mark.parametrize("back", [Wish(scopes=READ), Wish(scopes=READ, name="desk")], ids=str)
def test_a_widening_that_is_taken_back_is_not_approved(agency: Agency, back: Wish) -> None:
    """Who asks for what they have already withdraws what they asked for before (A10c, S22)."""
    made = agency.granted(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, Wish(scopes=READ | WRITE)).request
    assert asked is not None
    with agency.acting(agency.dan) as work:
        done = edit(work, made.token.id, back)
    assert (done.request, done.waits) == (None, False)
    with agency.looking(agency.dan) as work:
        assert show_request(work, asked.id).request.state is RequestState.CANCELLED
    with pytest.raises((Conflict, Stale)), agency.acting(agency.ada) as work:
        approve(work, asked.id, asked.version, Wish())
    assert agency.hall.verify(made.secret).grant.scopes == READ


def test_what_waits_goes_on_waiting(agency: Agency) -> None:
    """A new name and a turn of the switch leave a widening open, and the answers name it (X14)."""
    made = agency.granted(agency.dan, scopes=READ)
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"
    wider = door("PATCH", path, {"scopes": ["content:read", "content:write"]})
    waiting = wider.json["data"]["relationships"]["request"]
    for change in ({"name": "desk"}, {"enabled": False}, {"enabled": True, "name": "laptop"}):
        answer = door("PATCH", path, change)
        assert answer.status_code == 200
        assert answer.json["data"]["relationships"]["request"] == waiting
    with agency.looking(agency.ada) as work:
        (open_,) = list_requests(work, Wanted(), None, RequestState.OPEN).items
    assert str(open_.request.id) == waiting["data"]["id"]


def test_an_approver_reads_the_end_that_there_will_be(agency: Agency, hall: Hall) -> None:
    """A request asks for the earlier end of its token, and is to be read again (S22, G14)."""
    other = Agency(hall, "Other")
    with other.operating() as work:
        enroll(work, Newcomer("Dan", "danacme@people.test"), [other.roles["editor"].id])
    asked = agency.ask(agency.dan, span_all=True)
    with other.looking(other.ada) as work:
        (elsewhere,) = list_requests(work, Wanted(), None, RequestState.OPEN).items
    agency.approve(asked)
    with agency.acting(agency.dan) as work:
        wider = edit(work, asked.token.id, Wish(scopes=READ | WRITE)).request
    with agency.acting(agency.dan) as work:
        edit(work, asked.token.id, Wish(expires_at=SOON))
    assert wider is not None
    for where, before in ((agency, wider), (other, elsewhere.request)):
        with where.looking(where.ada) as work:
            now = show_request(work, before.id).request
        assert (now.expires_at, now.state) == (SOON, RequestState.OPEN)
        with pytest.raises(Stale), where.acting(where.ada) as work:
            approve(work, before.id, before.version, Wish())
        with where.acting(where.ada) as work:
            assert approve(work, now.id, now.version, Wish()).token.expires_at == SOON


def test_who_needs_no_approval_any_more_waits_for_none(agency: Agency) -> None:
    """An edit asks anew, and where by now nobody must agree it acts at once (A10c, K8)."""
    one, two = agency.ask(agency.dan), agency.ask(agency.dan, "two")
    approval(agency, "nobody")
    with agency.acting(agency.dan) as work:
        unchanged = edit(work, one.token.id, Wish(name="laptop"))
        done = edit(work, two.token.id, Wish(name="desk", expires_at=SOON))
    assert unchanged.waits
    assert agency.state(one.token.id) is State.PENDING
    assert (done.request, done.waits, done.token.name) == (None, False, "desk")
    assert agency.hall.verify(two.secret).expires_at == SOON
    with agency.looking(agency.dan) as work:
        assert show_request(work, request_of(two)).request.state is RequestState.CANCELLED


def test_what_needs_no_approval_needs_the_rest(agency: Agency, clock: StandingClock) -> None:
    """What an edit makes active is of the role of now, and of a fresh proof (X4, S44, A11)."""
    asked = agency.ask(agency.dan, scopes=READ | WRITE)
    approval(agency, "nobody")
    caller = agency.caller(agency.dan)
    clock.move_on(hours=1)
    with pytest.raises(Denied) as stale, agency.office.work(caller, ORIGIN) as work:
        edit(work, asked.token.id, Wish(name="desk"))
    assert stale.value.code is Code.STEP_UP_REQUIRED
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    with pytest.raises(Invalid) as above, agency.acting(agency.dan) as work:
        edit(work, asked.token.id, Wish(name="desk"))
    assert above.value.code is Code.SCOPE_ABOVE_ROLE
    assert agency.state(asked.token.id) is State.PENDING


def test_a_switch_names_the_version_it_is_based_on(agency: Agency) -> None:
    """A stale page switches nothing, alone or with an edit; of the right version it does (S22)."""
    made = agency.granted(agency.dan)
    path = f"{PATH}/{made.token.id}"
    dan, ada = (agency.door(agency.caller(who)) for who in (agency.dan, agency.ada))
    seen = dan("GET", path).headers["etag"]
    assert dan("PATCH", path, {"enabled": False}, {"If-Match": seen}).status_code == 200
    for door in (dan, ada):
        late = door("PATCH", path, {"enabled": True}, {"If-Match": seen})
        assert (late.status_code, code(late)) == (412, "STALE_VERSION")
    assert agency.hall.refusal(made.secret) == "TOKEN_DISABLED"
    both = {"enabled": True, "name": "desk"}
    assert dan("PATCH", path, both, {"If-Match": seen}).status_code == 412
    now = dan("GET", path).headers["etag"]
    answer = dan("PATCH", path, both, {"If-Match": now})
    assert answer.status_code == 200
    assert dan("GET", path).headers["etag"] == answer.headers["etag"]
    assert agency.hall.verify(made.secret).token_name == "desk"


def test_what_has_expired_is_not_revoked_besides(agency: Agency, clock: StandingClock) -> None:
    """DELETE of an expired token is 409, and all that ends tokens leaves it expired (G6, G11)."""
    made = agency.granted(agency.dan, expires_at=SOON)
    later = agency.granted(agency.dan, "later")
    clock.move_on(days=2)
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"
    answer = door("DELETE", path)
    assert (answer.status_code, code(answer)) == (409, "TOKEN_FINAL")
    assert agency.door(agency.caller(agency.ada))("DELETE", path).status_code == 409
    swept = door("POST", f"{PATH}/revoke_all")
    assert [one["id"] for one in swept.json["data"]] == [str(later.token.id)]
    shown = door("GET", path).json["data"]["attributes"]
    assert (shown["state"], shown["enabled"], shown["revoked_at"]) == ("expired", False, None)


def test_only_what_is_in_force_is_enabled(agency: Agency) -> None:
    """No answer calls a token enabled that waits, was switched off or was revoked (Q3)."""
    made, waiting = agency.granted(agency.dan), agency.ask(agency.dan, "waiting")
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"

    def enabled(at: str) -> bool:
        return bool(door("GET", at).json["data"]["attributes"]["enabled"])

    assert enabled(path)
    assert not enabled(f"{PATH}/{waiting.token.id}")
    door("DELETE", path)
    assert not enabled(path)

"""Whom the life of a token concerns is told of it, in the transaction in which it happens."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import insert

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.kernel.page import Wanted
from counterfoil.notices import forget, place
from counterfoil.notices.doors.notices import ROUTES as NOTICES
from counterfoil.notices.model import Notice
from counterfoil.notices.read import list_notices
from counterfoil.operation import OPERATIONS
from counterfoil.tokens.api_token_edit import edit_api_token, revoke_api_token
from counterfoil.tokens.approve import cancel, deny
from counterfoil.tokens.edit import edit
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.renew import renew
from counterfoil.tokens.revoke import revoke, surrender
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.doors import Probe
from support.office import START, StandingClock
from support.tokens import READ, WRITE, Agency, Hall

pytestmark = pytest.mark.each_engine


def told(agency: Agency, user: UserId) -> list[Notice]:
    """What somebody was told, the latest first."""
    with agency.looking(user) as work:
        return list(list_notices(work, Wanted(size=100), unread=False).items)


def kinds(agency: Agency, user: UserId) -> list[str]:
    return sorted(str(one.kind) for one in told(agency, user))


def of_token(agency: Agency, user: UserId, name: str) -> list[Notice]:
    return [one for one in told(agency, user) if one.facts["name"] == name]


def refuse(agency: Agency, asked: Requested, why: str) -> None:
    assert asked.request is not None
    with agency.acting(agency.ada) as work:
        deny(work, asked.request.id, asked.request.version, why)


def test_approvers_are_told_of_a_request(agency: Agency) -> None:
    """Everybody who could decide it is told, its requester and the others are not (A8, A10d)."""
    other = agency.hire("Amy", "admin")
    asked = agency.ask(agency.dan, "release job")
    assert asked.request is not None
    for approver in (agency.ada, other):
        (one,) = told(agency, approver)
        assert (one.kind, one.about) == (
            "request_made",
            spell(Prefix.REQUEST, asked.request.id),
        )
        assert one.title == "DanAcme asks for the token release job"
    assert kinds(agency, agency.dan) == kinds(agency, agency.rea) == []


def test_what_is_decided_waits_for_nobody(agency: Agency) -> None:
    """Approved, denied, withdrawn or edited away, a request is settled for all who were told."""
    approved, denied, cancelled, edited = (agency.ask(agency.dan, name) for name in "abcd")
    agency.approve(approved)
    refuse(agency, denied, "No need.")
    assert cancelled.request is not None
    with agency.acting(agency.dan) as work:
        cancel(work, cancelled.request.id, cancelled.request.version)
    with agency.acting(agency.dan) as work:
        edit(work, edited.token.id, Wish(name="e"))
    seen = [one for one in told(agency, agency.ada) if one.kind == "request_made"]
    waiting = [one.facts["name"] for one in seen if one.settled_at is None]
    assert (len(seen), waiting) == (5, ["e"])


def test_the_requester_is_told_what_was_decided(agency: Agency) -> None:
    """They learn whether it is less than they asked for, or why not; so does who denies (A10a)."""
    whole, less, none = (agency.ask(agency.dan, name, scopes=READ | WRITE) for name in "abc")
    agency.approve(whole)
    agency.approve(less, scopes=READ)
    refuse(agency, none, "Use the pipeline's token.")
    (approved,), (narrowed,), (denied,) = (of_token(agency, agency.dan, name) for name in "abc")
    assert (approved.kind, approved.facts["narrowed"]) == ("request_approved", False)
    assert (narrowed.kind, narrowed.facts["narrowed"]) == ("request_approved", True)
    assert (denied.kind, denied.facts["reason"]) == ("request_denied", "Use the pipeline's token.")
    assert kinds(agency, agency.ada).count("request_denied") == 1


def test_nobody_could_approve(agency: Agency) -> None:
    """Where nobody else may approve, whoever asks is told so at once (A10d)."""
    with agency.acting(agency.ada) as work:
        edit_policy(work, 1, {"approval": "everybody"})
    agency.ask(agency.ada, "laptop")
    assert kinds(agency, agency.ada) == ["request_unheard"]


def test_a_request_that_lapses(agency: Agency, clock: StandingClock) -> None:
    """Its requester is told, and its approvers need no reminder any more (A10b)."""
    agency.ask(agency.dan, "laptop")
    clock.move_on(days=14, seconds=1)
    sweep(agency.office)
    assert kinds(agency, agency.dan) == ["request_lapsed"]
    assert all(one.settled_at for one in told(agency, agency.ada))


def test_what_is_made_in_ones_name(agency: Agency) -> None:
    """Who has made a token at once is told: it may have been somebody else with their session."""
    agency.ask(agency.ada, "laptop")
    agency.api_token("reader")
    assert kinds(agency, agency.ada) == ["token_created", "token_created"]


def test_what_somebody_else_takes_away(agency: Agency) -> None:
    """A token's holder is told that it is switched off or revoked, and by whom (A24).

    Who did it themselves is not; who holds the token alone is not its holder.
    """
    mine, theirs, leaked = (agency.granted(agency.dan, name) for name in "abc")
    with agency.acting(agency.dan) as work:
        revoke(work, mine.token.id)
    assert [one.kind for one in of_token(agency, agency.dan, "a")] == ["request_approved"]
    with agency.acting(agency.ada) as work:
        disable(work, theirs.token.id)
    with agency.acting(agency.ada) as work:
        revoke(work, theirs.token.id)
    with agency.with_token(leaked.secret) as work:
        surrender(work, leaked.token.id)
    seen = {str(one.kind): one for one in of_token(agency, agency.dan, "b")}
    assert set(seen) == {"request_approved", "token_disabled", "token_revoked"}
    assert seen["token_disabled"].facts["by"] == seen["token_revoked"].facts["by"] == "Ada"
    assert "token_revoked" in {one.kind for one in of_token(agency, agency.dan, "c")}


def test_an_api_token_is_to_who_made_it(agency: Agency) -> None:
    """An admin who switches off or revokes a colleague's API token lets them know (A24)."""
    amy = agency.hire("Amy", "admin")
    token = agency.api_token("reader", by=amy).token
    with agency.acting(agency.ada) as work:
        edit_api_token(work, token.id, Wish(enabled=False))
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, token.id)
    assert kinds(agency, amy) == ["token_created", "token_disabled", "token_revoked"]
    assert {place(one) for one in told(agency, amy)} == {f"/content-api-manager/{token.id}"}


def test_each_notice_has_its_page(agency: Agency) -> None:
    """What is told of a pair leads to it, and of a personal token to that one (A23, A24)."""
    role = {"authority": "role", "subject": agency.roles["reader"].id}
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, Wish(name="ci", surfaces=ALL_SURFACES, **role))  # type: ignore[arg-type]
    own = agency.granted(agency.ada, "own")
    pages = {one.facts["name"]: place(one) for one in told(agency, agency.ada)}
    assert pages == {"ci": f"/key-pairs/{pair.token.id}", "own": f"/tokens/{own.token.id}"}


def test_what_is_refused_is_told_to_nobody(agency: Agency) -> None:
    """A notice is written with what it tells of, or not at all (R14)."""
    asked = agency.ask(agency.dan, "laptop")
    assert asked.request is not None
    with suppress(Denied), agency.acting(agency.ada) as work:
        deny(work, asked.request.id, asked.request.version, "No.")
        raise Denied
    assert kinds(agency, agency.dan) == []
    assert told(agency, agency.ada)[0].settled_at is None


def probe(agency: Agency, user: UserId) -> Probe:
    caller = agency.caller(user)
    return Probe(agency.office, caller, routes=NOTICES, operations=OPERATIONS)


def test_read_over_http(agency: Agency, clock: StandingClock) -> None:
    """One lists what one was told, page by page, and marks one or all as read."""
    for name in "abc":
        agency.ask(agency.dan, name)
        clock.move_on(seconds=1)
    door = probe(agency, agency.ada)
    first = door("GET", "/cma/notices?page[size]=2").json
    assert [one["attributes"]["facts"]["name"] for one in first["data"]] == ["c", "b"]
    assert first["meta"]["total_count"] == 3
    (last,) = door("GET", first["links"]["next"]).json["data"]
    assert last["attributes"]["facts"]["name"] == "a"
    read = door("POST", f"/cma/notices/{last['id']}/read").json["data"]
    assert read["attributes"]["read_at"] is not None
    unread = door("GET", "/cma/notices?filter[unread]=true").json
    assert [one["attributes"]["facts"]["name"] for one in unread["data"]] == ["c", "b"]
    assert door("POST", "/cma/notices/read_all").json["meta"] == {"read": 2}
    assert door("GET", "/cma/notices?filter[unread]=true").json["data"] == []


def test_nobody_reads_anothers(agency: Agency, hall: Hall) -> None:
    """What others were told, and in other organizations, is unknown (S25)."""
    agency.ask(agency.dan, "laptop")
    (one,) = told(agency, agency.ada)
    rival = Agency(hall, "Rival")
    for company, user in ((agency, agency.dan), (rival, rival.ada)):
        door = probe(company, user)
        assert door("GET", "/cma/notices").json["data"] == []
        assert door("POST", f"/cma/notices/{one.id}/read").status == 404
        assert door("POST", "/cma/notices/read_all").json["meta"] == {"read": 0}
    assert told(agency, agency.ada)[0].read_at is None


def test_what_comes_by_mail(agency: Agency) -> None:
    """One chooses by kind; what guards one's tokens comes anyway, and what is no kind is named."""
    door = probe(agency, agency.dan)
    choice = door("GET", "/cma/notice_choice").json["data"]["attributes"]["mail"]
    assert set(choice.values()) == {True}

    def choose(**mail: bool) -> tuple[int, object]:
        data = {"type": "notice_choice", "attributes": {"mail": mail}}
        seen = door("PATCH", "/cma/notice_choice", {"data": data})
        return seen.status, seen.json

    status, done = choose(request_approved=False, token_expired=False)
    assert (status, done["data"]["attributes"]["mail"]["request_approved"]) == (200, False)  # type: ignore[index]
    assert choose(request_approved=True)[0] == 200
    for name in ("token_revoked", "request_made", "nonsense"):
        status, failed = choose(**{name: False})
        assert (status, failed["errors"][0]["source"]["pointer"]) == (  # type: ignore[index]
            422,
            f"/data/attributes/mail/{name}",
        )
    choice = door("GET", "/cma/notice_choice").json["data"]["attributes"]["mail"]
    assert {name for name, by_mail in choice.items() if not by_mail} == {"token_expired"}


def warned(agency: Agency, name: str) -> list[tuple[str, object, object]]:
    """What Ada was told of the end of a token, the first first."""
    seen = [one for one in of_token(agency, agency.ada, name) if "used" in one.facts]
    return [(str(one.kind), one.facts.get("days"), one.facts["used"]) for one in reversed(seen)]


def test_an_end_that_comes_near(agency: Agency, clock: StandingClock) -> None:
    """30, 7 and 1 days before, and at its end, a holder is told, once each (G12d)."""
    agency.ask(agency.ada, "long", expires_at=START + timedelta(days=60))
    agency.ask(agency.ada, "short", expires_at=START + timedelta(days=7))
    gone = agency.ask(agency.ada, "gone", expires_at=START + timedelta(days=60))
    with agency.acting(agency.ada) as work:
        revoke(work, gone.token.id)
    for day in (1, 5, 6.5, 7.5, 29, 31, 52, 54, 58, 59.5, 60.5, 61):
        clock.now = START + timedelta(days=day)
        sweep(agency.office)
        sweep(agency.office)
    assert warned(agency, "long") == [
        ("token_expiring", 30, False),
        ("token_expiring", 7, False),
        ("token_expiring", 1, False),
        ("token_expired", None, False),
    ]
    assert warned(agency, "short") == [
        ("token_expiring", 1, False),
        ("token_expired", None, False),
    ]
    assert warned(agency, "gone") == []


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [((30, 7), [30, 7]), ((7,), [7]), ((30, 1), [30, 1]), ((), [])],
    ids=str,
)
def test_an_owner_chooses_when_they_are_reminded(
    agency: Agency, clock: StandingClock, chosen: tuple[int, ...], expected: list[int]
) -> None:
    """A token's owner is told on the days that they chose alone, and of its end in any case."""
    ends_at = START + timedelta(days=60)
    agency.ask(agency.ada, "mine", expires_at=ends_at, reminders=frozenset(chosen))
    for day in (29, 31, 52, 54, 58, 59.5, 59.9, 60.5):
        clock.now = START + timedelta(days=day)
        sweep(agency.office)
    days = [one[1] for one in warned(agency, "mine")]
    assert days == [*expected, None]


def test_a_reminder_that_was_slept_through_comes_late(agency: Agency, clock: StandingClock) -> None:
    """Who chose the week before, while the server was down, is told when it is up again."""
    ends_at = START + timedelta(days=60)
    agency.ask(agency.ada, "week", expires_at=ends_at, reminders=frozenset({7}))
    clock.now = START + timedelta(days=59, hours=12)
    sweep(agency.office)
    assert warned(agency, "week") == [("token_expiring", 7, False)]


def test_a_choice_is_changed_while_a_token_waits(agency: Agency) -> None:
    """Another choice of reminders asks nobody for approval anew, and a successor has it too."""
    asked = agency.ask(agency.dan, "waits", expires_at=START + timedelta(days=60))
    with agency.acting(agency.dan) as work:
        done = edit(work, asked.token.id, Wish(reminders=frozenset({1})))
    assert done.request == asked.request
    assert agency.token(asked.token.id).reminders == {1}
    agency.approve(asked)
    with agency.acting(agency.dan) as work:
        assert renew(work, asked.token.id, Wish()).token.reminders == {1}


def test_an_end_of_what_is_in_use(agency: Agency, clock: StandingClock) -> None:
    """The warning says whether the token was used in the last 24 hours (G12d)."""
    for name, before in (("idle", timedelta(hours=25)), ("busy", timedelta(hours=23))):
        asked = agency.ask(agency.ada, name, expires_at=START + timedelta(days=60))
        at = START + timedelta(days=31) - before
        row = {"organization_id": agency.id, "token_id": asked.token.id, "at": at}
        with agency.office.database.transaction() as tx:
            tx.execute(insert(used), {**row, "client": "curl", "network": "192.0.2.0/24"})
    clock.now = START + timedelta(days=31)
    sweep(agency.office)
    assert warned(agency, "idle") == [("token_expiring", 30, False)]
    assert warned(agency, "busy") == [("token_expiring", 30, True)]


def test_after_a_long_rest(agency: Agency, clock: StandingClock) -> None:
    """A server that was down says the last thing alone, and nothing of what ended long ago."""
    agency.ask(agency.ada, "tomorrow", expires_at=START + timedelta(days=60))
    agency.ask(agency.ada, "long ago", expires_at=START + timedelta(days=40))
    clock.now = START + timedelta(days=59, hours=12)
    sweep(agency.office)
    assert warned(agency, "tomorrow") == [("token_expiring", 1, False)]
    assert warned(agency, "long ago") == []


def test_a_policy_that_would_not_allow_it(agency: Agency) -> None:
    """Who holds a token that could not be made any more is told, once, and it goes on (K8)."""
    kept = agency.ask(agency.ada, "kept", expires_at=START + timedelta(days=90))
    short = agency.ask(agency.ada, "short", expires_at=START + timedelta(days=5))
    theirs = agency.granted(agency.dan, "theirs", expires_at=START + timedelta(days=60))
    with agency.acting(agency.ada) as work:
        edit_policy(work, 1, {"lifetime_max": "P7D"})
    with agency.acting(agency.ada) as work:
        edit_policy(work, 2, {"quota": 9})
    for who, name, count in (
        (agency.ada, "kept", 1),
        (agency.ada, "short", 0),
        (agency.dan, "theirs", 1),
    ):
        seen = [one for one in of_token(agency, who, name) if one.kind == "policy_changed"]
        assert len(seen) == count
    for asked in (kept, short, theirs):
        assert agency.hall.refusal(asked.secret) == "allowed"


def test_old_notices_go(agency: Agency, clock: StandingClock) -> None:
    """After 90 days a notice is gone, read or not."""
    agency.ask(agency.ada, "laptop")
    for days, there in ((89, ["token_created"]), (2, [])):
        clock.move_on(days=days)
        forget(agency.office)
        assert kinds(agency, agency.ada) == there


def test_instants_in_notices_are_spelled_as_elsewhere(agency: Agency, clock: StandingClock) -> None:
    """What a notice says of time reads like the notice's own instants: UTC, with a `Z`."""
    ends_at = START + timedelta(days=2, microseconds=7)
    agency.ask(agency.ada, "short", expires_at=ends_at)
    clock.move_on(days=1.5)
    sweep(agency.office)
    seen = {one.kind: one.facts["expires_at"] for one in told(agency, agency.ada)}
    assert seen == dict.fromkeys(("token_created", "token_expiring"), "2026-03-03T12:00:00Z")

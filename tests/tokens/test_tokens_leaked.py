"""A token has leaked: anybody reports it, the policy acts, and people look, stop and note."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec import structs
from sqlalchemy import select

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.audit.read import Sought, trail
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.gate.record.decided import Exposed
from counterfoil.kernel.errors import Code, Conflict, Denied
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.runtime.database import metadata
from counterfoil.secret import Kind, Secret, checksum
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import regenerate
from counterfoil.tokens.leaked import MOST, Search, list_leaks, look_up_leaked, note_leak
from counterfoil.tokens.model import State
from counterfoil.tokens.report_leak import PER_HOUR, expose, expose_told
from counterfoil.tokens.show import show_token
from counterfoil.tokens.steps.last_use import uses
from counterfoil.tokens.switch import enable
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine
URL = "https://git.example.com/acme/site/blob/main/.env"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def report(agency: Agency, text: str, **more: str) -> Any:
    """Report a string as somebody does whom nobody knows."""
    body = urlencode({"token": text, **more})
    return agency.door(None).raw("POST", "/leaks", body, FORM)


def policy(agency: Agency, version: int = 1, **changes: Any) -> None:
    with agency.acting(agency.ada) as work:
        edit_policy(work, version, changes)


def look(agency: Agency, text: str) -> Search:
    with agency.looking(agency.ada) as work:
        return look_up_leaked(work, text)


def told(agency: Agency, user: Any) -> list[Any]:
    with agency.looking(user) as work:
        found = list_notices(work, Wanted(size=100), unread=False).items
    return [one.facts for one in found if one.kind == "token_leaked"]


@pytest.mark.parametrize(
    ("action", "then"),
    [
        ("notify", "allowed"),
        ("disable", Code.TOKEN_DISABLED),
        ("revoke", Code.INVALID_TOKEN),
    ],
)
def test_the_policy_says_what_a_report_does(agency: Agency, action: str, then: str) -> None:
    """A report tells owner and approvers, and stops the token as the policy has it (S15)."""
    policy(agency, leak_action=action)
    asked = agency.granted(agency.dan)
    assert report(agency, asked.secret.reveal(), url=URL).status_code == 202
    assert agency.hall.refusal(asked.secret) == then
    for who in (agency.dan, agency.ada):
        assert told(agency, who) == [{"name": "laptop", "url": URL, "done": action}]
    assert told(agency, agency.rea) == []
    with agency.looking(agency.ada) as work:
        ((found, token),) = list_leaks(work, Wanted()).items
        flagged = uses(work, [asked.token.id])[asked.token.id].flags
    assert (found.url, found.done, found.user, token.id) == (URL, action, None, asked.token.id)
    assert [str(one.reason) for one in flagged] == ["leaked"]
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_what_waits_for_approval_is_ended(agency: Agency) -> None:
    """A token that leaks before it is approved can be approved no more, by the policy to disable.

    Nothing uses it yet, and who approves later may not know.
    """
    asked = agency.ask(agency.dan)
    report(agency, asked.secret.reveal())
    assert agency.state(asked.token.id) is State.REVOKED
    assert told(agency, agency.dan) == [{"name": "laptop", "url": None, "done": "revoke"}]
    with pytest.raises(Conflict):
        agency.approve(asked)


def test_the_answer_tells_nothing(agency: Agency, clock: StandingClock) -> None:
    """Known, unknown, broken, dead: a report has one answer, and repeated it does nothing (S15)."""
    policy(agency, leak_action="notify")
    asked = agency.granted(agency.dan)
    text = asked.secret.reveal()
    unknown = Secret.mint(Kind.PERSONAL, agency.hall.entropy).reveal()
    reports = (text, unknown, text[:-1], "?", text, "cfp_…9fQ2")
    answers = [report(agency, one) for one in reports]
    said = [(one.status_code, one.content, _same(one.headers)) for one in answers]
    assert said == [said[0]] * len(reports)
    assert len(told(agency, agency.dan)) == 1
    clock.move_on(days=1, seconds=1)
    report(agency, text)
    assert len(told(agency, agency.dan)) == 2
    missing = agency.door(None).raw("POST", "/leaks", "url=x", FORM)
    assert missing.status_code == 400


def test_a_token_that_is_on_again_is_stopped_again(agency: Agency) -> None:
    """Whoever switches on what has leaked leaves it as open as before: a report stops it (S15)."""
    asked = agency.granted(agency.dan)
    text = asked.secret.reveal()
    report(agency, text)
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_DISABLED
    report(agency, text)
    assert len(told(agency, agency.dan)) == 1
    with agency.acting(agency.ada) as work:
        enable(work, asked.token.id)
    assert agency.hall.refusal(asked.secret) == "allowed"
    report(agency, text)
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_DISABLED
    assert [one["done"] for one in told(agency, agency.dan)] == ["disable", "disable"]


@pytest.mark.parametrize(
    ("action", "done", "then"),
    [
        ("notify", "notify", "allowed"),
        ("disable", "notify", "allowed"),
        ("revoke", "revoke", Code.INVALID_TOKEN),
    ],
)
def test_what_stood_in_an_address_is_told_of(
    agency: Agency, action: str, done: str, then: str
) -> None:
    """A token in an address is flagged and told of; only where that is policy it is ended (S11)."""
    policy(agency, leak_action=action)
    asked = agency.granted(agency.dan)
    for _ in range(2):
        expose(agency.office, asked.secret.reveal(), "/cma/nodes", ORIGIN)
    assert agency.hall.refusal(asked.secret) == then
    assert [one["done"] for one in told(agency, agency.dan)] == [done]
    with agency.looking(agency.ada) as work:
        (flag,) = uses(work, [asked.token.id])[asked.token.id].flags
    assert "address of a request" in flag.detail
    if action == "disable":
        report(agency, asked.secret.reveal())
        assert agency.hall.refusal(asked.secret) == Code.TOKEN_DISABLED


@pytest.mark.parametrize(
    ("by", "done", "then"),
    [("", "revoke", Code.INVALID_TOKEN), ("eu-1", "notify", "allowed")],
    ids=["of this host", "of another host"],
)
def test_what_a_gate_saw_in_an_address_is_told_of(
    agency: Agency, by: str, done: str, then: str
) -> None:
    """A gate tells a digest alone: one of another host has nothing stopped at its word (S11)."""
    policy(agency, leak_action="revoke")
    asked = agency.granted(agency.dan)
    seen = Exposed(asked.secret.digest, 7, "/items/17", "7" * 32, "192.0.2.7", "curl/8")
    for _ in range(2):
        expose_told(agency.office, seen, by)
    expose_told(agency.office, structs.replace(seen, digest=bytes(32)), by)
    assert agency.hall.refusal(asked.secret) == then
    (said,) = told(agency, agency.dan)
    assert said["done"] == done
    assert said["url"].startswith(f"{spell(Prefix.API, 7)} /items/17?…")
    assert ("eu-1" in said["url"]) is bool(by)


def test_reports_of_one_network_are_counted(agency: Agency, clock: StandingClock) -> None:
    """Within an hour so many reports of a network are heard, whatever they say (S42)."""
    seen = [report(agency, "nothing").status_code for _ in range(PER_HOUR + 1)]
    assert seen == [202] * PER_HOUR + [429]
    clock.move_on(hours=1)
    assert report(agency, "nothing").status_code == 202


def test_what_a_leaked_token_made_goes_too(agency: Agency) -> None:
    """A leaked API token is stopped with what it minted, and a leaked pair with what it gave."""
    policy(agency, leak_action="revoke")
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    with agency.with_token(maker.secret) as work:
        reader = agency.roles["reader"].id
        child = create_api_token(work, Wish("child", authority="role", subject=reader))
    report(agency, maker.secret.reveal())
    assert agency.state(maker.token.id) is agency.state(child.token.id) is State.REVOKED


def test_a_text_is_looked_through(hall: Hall) -> None:
    """Tokens in a text are found by their form and checksum, each with whose it is (S9)."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    mine, theirs = acme.granted(acme.dan), beta.granted(beta.dan)
    text = mine.secret.reveal()
    broken = text[:-1] + ("0" if text[-1] != "0" else "1")
    seen = look(acme, f"export A={text}\n{{'b': '{theirs.secret.reveal()}'}} {broken} {text}")
    assert [(one.token.id, one.owner) for one in seen.found] == [(mine.token.id, "DanAcme")]
    assert (seen.foreign, seen.broken) == (1, 1)
    assert look(acme, "nothing at all") == Search((), 0, 0, 0)
    assert checksum(text[:-6]) == text[-6:]


def test_what_is_not_looked_up_is_nobodys_yet(agency: Agency) -> None:
    """A live token beyond the most that are looked up at once is not said to be a stranger (S9)."""
    entropy = agency.hall.entropy
    strangers = [Secret.mint(Kind.PERSONAL, entropy).reveal() for _ in range(MOST)]
    live = agency.granted(agency.dan).secret.reveal()
    seen = look(agency, " ".join((*strangers, live)))
    assert (seen.found, seen.foreign, seen.left) == ((), MOST, 1)
    seen = look(agency, " ".join((live, *strangers)))
    assert (len(seen.found), seen.foreign, seen.left) == (1, MOST - 1, 1)


def test_two_secrets_of_one_token(agency: Agency) -> None:
    """The old and the present secret of a token are one token, alive, and no stranger (S9)."""
    issued = agency.api_token()
    with agency.acting(agency.ada) as work:
        anew = regenerate(work, issued.token.id)
    old, now = issued.secret.reveal(), anew.secret.reveal()
    for text in (f"{old} {now}", f"{now} {old}"):
        seen = look(agency, text)
        assert [one.is_former for one in seen.found] == [False]
        assert (seen.foreign, seen.left) == (0, 0)


def test_a_former_secret_is_known(agency: Agency) -> None:
    """A secret that was replaced is known, and said to open nothing any more."""
    issued = agency.api_token()
    with agency.acting(agency.ada) as work:
        regenerate(work, issued.token.id)
    (found,) = look(agency, issued.secret.reveal()).found
    assert (found.token.id, found.is_former) == (issued.token.id, True)


def test_a_note_is_in_the_trail(agency: Agency) -> None:
    """What was done about a leak is on record with its note, and nobody else may put it there."""
    asked = agency.granted(agency.dan)
    with agency.acting(agency.ada) as work:
        note_leak(work, asked.token.id, "Seen in a public gist; Dan was told.", "note")
    with agency.office.database.reading() as tx:
        (entry,) = trail(tx, agency.id, Sought(operation="leak.note"), Wanted()).items
    assert (entry.note, entry.target) == (
        "Seen in a public gist; Dan was told.",
        f"tok_{asked.token.id}",
    )
    for doing in (partial(look_up_leaked, text="x"), partial(list_leaks, wanted=Wanted())):
        with pytest.raises(Denied), agency.looking(agency.dan) as work:
            doing(work)
    with pytest.raises(Denied), agency.acting(agency.dan) as work:
        note_leak(work, asked.token.id, "All is well.", "note")


def test_what_is_pasted_is_kept_nowhere(agency: Agency) -> None:
    """Neither a report nor a look leaves a byte of the secret in the database (S9)."""
    asked = agency.granted(agency.dan)
    text = asked.secret.reveal()
    report(agency, text, url=f"https://example.com/?token={text}")
    look(agency, text)
    body = text[4:-6]
    with agency.office.database.reading() as tx:
        held = "".join(
            repr(tuple(row))
            for table in metadata.sorted_tables
            for row in tx.execute(select(table))
        )
    assert str(asked.token.id) in held
    assert body not in held
    with agency.looking(agency.ada) as work:
        assert show_token(work, asked.token.id).token.state_in(agency.id) is State.DISABLED
        ((found, _),) = list_leaks(work, Wanted()).items
    assert found.url == f"https://example.com/?token={asked.secret.hint}"
    assert found.at == START + timedelta(0)


def _same(headers: Any) -> dict[str, str]:
    apart = {"x-request-id", "date"}
    return {name: value for name, value in headers.items() if name not in apart}

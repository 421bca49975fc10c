"""What a deactivation cut off is shown as it is: dead for good, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil import tokens
from counterfoil.directory import Person
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import deactivate, reactivate
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, cancel
from counterfoil.tokens.edit import edit
from counterfoil.tokens.renew import renew
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.tokens import READ, WRITE, Agency

Act = Callable[[Work, UserId], Person]
TOKENS, REQUESTS = "/cma/personal_access_tokens", "/cma/token_requests"


def gone_and_back(
    agency: Agency, leave: Act = deactivate, come_back: Act | None = reactivate
) -> None:
    """Deactivate Dan and, if so said, let him in again."""
    for act in (leave, come_back):
        if act is not None:
            with agency.operating() as work:
                act(work, agency.dan)


def listed(agency: Agency, path: str, who: UserId | None = None, **sought: str) -> dict[str, str]:
    """Return the state of everything in a list, by name."""
    query = "&".join(f"filter[{name}]={value}" for name, value in sought.items())
    seen = agency.door(agency.caller(who or agency.ada))("GET", f"{path}?{query}")
    return {one["attributes"]["name"]: one["attributes"]["state"] for one in seen.json["data"]}


@pytest.mark.each_engine
@pytest.mark.parametrize(
    ("leave", "come_back"),
    [(deactivate, reactivate), (deactivate_user, reactivate_user), (deactivate, None)],
)
def test_what_was_cut_off_is_shown_as_revoked(
    agency: Agency, leave: Act, come_back: Act | None
) -> None:
    """Dead for good reads as revoked, in lists and alone, here and after a return (S20, G6)."""
    on, off = agency.granted(agency.dan, "on"), agency.granted(agency.dan, "off")
    agency.ask(agency.dan, "asked")
    with agency.acting(agency.dan) as work:
        disable(work, off.token.id)
    gone_and_back(agency, leave, come_back)
    assert listed(agency, TOKENS, owner=str(agency.dan)) == dict.fromkeys(
        ("on", "off", "asked"), "revoked"
    )
    assert listed(agency, TOKENS, owner="all", state="active") == {}
    assert listed(agency, TOKENS, owner="all", state="pending") == {}
    assert len(listed(agency, TOKENS, owner="all", state="revoked")) == 3
    shown = agency.door(agency.caller(agency.ada))("GET", f"{TOKENS}/{on.token.id}").json["data"]
    assert shown["attributes"]["state"] == "revoked"
    assert agency.hall.refusal(on.secret) in {Code.INVALID_TOKEN, Code.OWNER_DEACTIVATED}


@pytest.mark.each_engine
def test_what_comes_after_is_alive(agency: Agency) -> None:
    """A cut-off says nothing of what was made after it, nor of what others hold (S20)."""
    agency.granted(agency.dan, "before")
    agency.granted(agency.rea, "hers")
    gone_and_back(agency)
    after = agency.granted(agency.dan, "after")
    assert listed(agency, TOKENS, owner="all", state="active") == {
        "after": "active",
        "hers": "active",
    }
    assert agency.hall.refusal(after.secret) == "allowed"


def test_nothing_changes_what_was_cut_off(agency: Agency) -> None:
    """A token that died with its owner's place is final: 409, whatever is tried (G11)."""
    made = agency.granted(agency.dan)
    gone_and_back(agency)
    tries: list[Callable[[Work], object]] = [
        lambda work: edit(work, made.token.id, Wish(name="x")),
        lambda work: enable(work, made.token.id),
        lambda work: disable(work, made.token.id),
        lambda work: renew(work, made.token.id, Wish()),
    ]
    for attempt in tries:
        with pytest.raises(Conflict) as refusal, agency.acting(agency.dan) as work:
            attempt(work)
        assert refusal.value.code is Code.TOKEN_FINAL
    with agency.acting(agency.dan) as work:
        assert revoke(work, made.token.id).revoked_at == agency.office.clock()


@pytest.mark.each_engine
@pytest.mark.parametrize("kind", ["new", "widen"])
def test_no_request_waits_for_who_was_cut_off(agency: Agency, kind: str) -> None:
    """An approver no longer sees as open what could not be approved (CONTRACT: deactivation)."""
    if kind == "new":
        request = agency.ask(agency.dan).request
    else:
        made = agency.granted(agency.dan)
        with agency.acting(agency.dan) as work:
            request = edit(work, made.token.id, Wish(scopes=READ | WRITE)).request
    assert request is not None
    assert list(listed(agency, REQUESTS, state="open").values()) == ["open"]
    gone_and_back(agency)
    assert listed(agency, REQUESTS, state="open") == {}
    closed = listed(agency, REQUESTS, state="cancelled")
    assert list(closed.values()) == ["cancelled"]
    for who, verb in ((agency.ada, approve), (agency.dan, cancel)):
        more: tuple[Any, ...] = (Wish(),) if verb is approve else ()
        with pytest.raises(Conflict) as refusal, agency.acting(who) as work:
            verb(work, request.id, request.version, *more)
        assert refusal.value.code is Code.REQUEST_CLOSED


@pytest.mark.each_engine
def test_the_sweep_closes_it_for_good(agency: Agency) -> None:
    """What waited for somebody who was cut off is closed in the books too, once (A10b)."""
    asked = agency.ask(agency.dan)
    assert asked.request is not None
    gone_and_back(agency)
    assert tokens.sweep(agency.office) == 1
    assert tokens.sweep(agency.office) == 0
    assert agency.trail()[-1] == ("token_request.lapse", "allowed")
    assert listed(agency, REQUESTS, state="cancelled") == {"laptop": "cancelled"}
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    again = agency.ask(agency.dan)
    assert again.request is not None
    assert tokens.sweep(agency.office) == 0

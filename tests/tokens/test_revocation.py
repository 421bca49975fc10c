"""Revocation by whoever holds a token, in whatever state that is (RFC 7009)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.networks import networks
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.introspecting import Doors, showing
from support.office import START
from support.tokens import Agency


@pytest.fixture
def doors(agency: Agency) -> Doors:
    return Doors(agency)


def _disabled(agency: Agency) -> Any:
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        disable(work, made.token.id)
    return made


def _ownerless(agency: Agency) -> Any:
    made = agency.granted(agency.dan)
    with agency.operating() as work:
        deactivate_user(work, agency.dan)
    return made


def _expired(agency: Agency) -> Any:
    made = agency.granted(agency.dan, expires_at=START + timedelta(hours=1))
    agency.hall.clock.move_on(hours=2)
    return made


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (lambda agency: agency.granted(agency.dan), State.REVOKED),
        (lambda agency: agency.ask(agency.dan), State.REVOKED),
        (_disabled, State.REVOKED),
        (
            lambda agency: agency.granted(agency.dan, networks=networks(["192.0.2.0/24"])),
            State.REVOKED,
        ),
        (_ownerless, None),
        (_expired, State.ACTIVE),
    ],
    ids=["active", "pending", "disabled", "bound", "ownerless", "expired"],
)
def test_a_token_is_given_up_in_any_state(
    agency: Agency, doors: Doors, make: Any, left: State | None
) -> None:
    """Whatever is the matter with a token, its holder ends it and hears 200, twice (RFC 7009)."""
    made = make(agency)
    for hint in ("access_token", "refresh_token"):
        form = {"token": made.secret.reveal(), "token_type_hint": hint}
        seen = doors.ask("POST", "/oauth/revoke", form)
        assert (seen.status_code, seen.content) == (200, b"")
        assert seen.headers["cache-control"] == "no-store"
    assert agency.hall.refusal(made.secret) != "allowed"
    assert left is None or agency.state(made.token.id) is left


@pytest.mark.parametrize("secret", ["", "cfk_" + "a" * 49])
def test_a_client_may_say_who_it_is(agency: Agency, doors: Doors, secret: str) -> None:
    """A client that sends its id and secret along is not kept from it: possession does (S14)."""
    wish = Wish(name="build", authority="role", subject=agency.roles["reader"].id)
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, wish)
    got = doors.ask("POST", "/oauth/token", {"grant_type": "client_credentials"}, showing(pair))
    bearer = got.json["access_token"]
    assert agency.hall.refusal(bearer) == "allowed"
    seen = doors.ask("POST", "/oauth/revoke", {"token": bearer}, showing(pair, secret=secret))
    assert seen.status_code == 200
    assert agency.hall.refusal(bearer) == "INVALID_TOKEN"


@pytest.mark.parametrize(
    ("method", "body", "type_", "status"),
    [
        ("POST", "token=a&token=b", FORM_TYPE, 400),
        ("POST", "", FORM_TYPE, 400),
        ("POST", "token=", FORM_TYPE, 400),
        ("POST", '{"token": "a"}', "application/json", 415),
        ("GET", None, FORM_TYPE, 405),
    ],
)
def test_what_is_asked_is_plain(
    doors: Doors, method: str, body: str | None, type_: str, status: int
) -> None:
    """A request that could mean two tokens, or none, is refused (RFC 7009 §2.1, S11)."""
    seen = doors.raw(method, "/oauth/revoke", body, type_)
    assert seen.status_code == status

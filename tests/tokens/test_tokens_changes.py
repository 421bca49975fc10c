"""What changed of a token stands in the trail, field by field, and never its secret."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.conditions import Rate
from counterfoil.access.networks import networks
from counterfoil.access.surface import Surface
from counterfoil.audit.record import entries
from counterfoil.kernel.clock import spell_instant
from counterfoil.tokens.api_token_edit import edit_api_token, revoke_api_token
from counterfoil.tokens.edit import edit
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import READ, WRITE, Agency
from support.trail import bodies, changed

pytestmark = pytest.mark.each_engine

SIDES = ("content:read", "content:write")


def test_what_is_asked_for_and_given_is_on_record(agency: Agency) -> None:
    """A request says what token it asks for, and the approval what was given of it (X2, A11)."""
    database = agency.office.database
    asked = agency.ask(agency.dan, scopes=READ | WRITE)
    told = changed(database, "token.request")
    assert (told["name"], told["state"]) == ((None, "laptop"), (None, "pending"))
    assert told["scopes"] == (None, list(SIDES))
    agency.approve(asked, scopes=READ)
    told = changed(database, "token_request.approve")
    assert told == {"scopes": (list(SIDES), ["content:read"]), "state": ("pending", "active")}


def test_an_edit_tells_both_sides(agency: Agency) -> None:
    """Each field of a token that an edit changed is on record, and no other (X2)."""
    made = agency.granted(agency.dan, scopes=READ | WRITE)
    end = START + timedelta(days=3)
    wish = Wish(
        name="desk", description="Reads.", scopes=READ, roots=frozenset({agency.press}),
        surfaces=Surface.DELIVERY.bit, expires_at=end, networks=networks(["192.0.2.0/24"]),
        rate=Rate(5, 60), reminders=frozenset({1}), not_before=START,
    )  # fmt: skip
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, wish)
    told = changed(agency.office.database, "token.edit")
    assert told.pop("expires_at")[1] == spell_instant(end)
    assert told == {
        "name": ("laptop", "desk"),
        "description": (None, "Reads."),
        "scopes": (list(SIDES), ["content:read"]),
        "roots": (None, [f"nod_{agency.press}"]),
        "surfaces": (["delivery", "preview", "management"], ["delivery"]),
        "ip_ranges": (None, ["192.0.2.0/24"]),
        "rate_limit": (None, "5 / 60 s"),
        "reminders": (["1", "7", "30"], ["1"]),
        "not_before": (None, spell_instant(START)),
    }


def test_an_edit_that_changes_nothing_tells_none(agency: Agency) -> None:
    """Who sends what is there already changed nothing, by the trail too (X2)."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="laptop"))
    assert changed(agency.office.database, "token.edit") == {}


def test_off_and_gone_are_states(agency: Agency) -> None:
    """Whoever switches a token off or revokes it has the state before and after on record."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.ada) as work:
        disable(work, made.token.id)
    assert changed(agency.office.database, "token.disable") == {"state": ("active", "disabled")}
    with agency.acting(agency.dan) as work:
        revoke(work, made.token.id)
    assert changed(agency.office.database, "token.revoke") == {"state": ("disabled", "revoked")}


def test_an_api_token_tells_its_authority_too(agency: Agency) -> None:
    """Of an API token it is told whose authority it takes; of a cascade, what one asked for."""
    database, made = agency.office.database, agency.api_token("editor", scopes=READ)
    editor, reader = agency.roles["editor"].id, agency.roles["reader"].id
    assert changed(database, "api_token.create")["subject"] == (None, f"rol_{editor}")
    wish = Wish(authority="role", subject=reader, inherit=True, enabled=False)
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, wish)
    assert changed(database, "api_token.edit") == {
        "scope_mode": ("explicit", "inherit"),
        "scopes": (["content:read"], None),
        "state": ("active", "disabled"),
        "subject": (f"rol_{editor}", f"rol_{reader}"),
    }
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, made.token.id)
    assert changed(database, "api_token.revoke") == {"state": ("disabled", "revoked")}


def test_no_secret_is_on_record(agency: Agency) -> None:
    """Neither a secret nor its hint stands in any change (S8)."""
    made, other = agency.granted(agency.dan), agency.api_token()
    with agency.office.database.reading() as tx:
        told = str([one.changes for one in bodies(tx, entries.c.position > 0)])
    for secret in (made.secret, other.secret):
        assert secret.reveal() not in told
        assert secret.hint not in told

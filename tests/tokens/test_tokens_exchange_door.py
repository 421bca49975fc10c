"""Token exchange at the token endpoint (RFC 8693): what is asked, what is said."""

from __future__ import annotations

import pytest

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.feed.event import TokenRecorded
from counterfoil.secret import Kind, kind_of
from counterfoil.signin.doors.token_exchange import ACCESS_TOKEN, EXCHANGE_GRANT
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.steps.issue import Requested
from support.office import StandingClock
from support.signin import Seen, Visitor
from support.tokens import READ, WRITE, Agency


@pytest.fixture
def parent(agency: Agency) -> Requested:
    return agency.ask(agency.ada, scopes=READ | WRITE, surfaces=ALL_SURFACES)


@pytest.fixture
def visitor(agency: Agency) -> Visitor:
    return Visitor(agency.office)


def exchanged(visitor: Visitor, parent: Requested, **more: str) -> Seen:
    asked = {
        "grant_type": EXCHANGE_GRANT,
        "subject_token": parent.secret.reveal(),
        "subject_token_type": ACCESS_TOKEN,
        **more,
    }
    return visitor.token(**{name: value for name, value in asked.items() if value != "-"})


def test_the_answer_is_that_of_the_rfc(visitor: Visitor, parent: Requested) -> None:
    """Whoever shows a personal token gets a bearer for an hour, and is told of which type (S50)."""
    seen = exchanged(visitor, parent)
    assert seen.status == 200
    assert seen.json.keys() == {"access_token", "issued_token_type", "token_type", "expires_in"}
    assert (seen.json["issued_token_type"], seen.json["expires_in"]) == (ACCESS_TOKEN, 3600)
    assert kind_of(seen.json["access_token"]) is Kind.EXCHANGED


def test_less_is_asked_for_in_the_form(agency: Agency, visitor: Visitor, parent: Requested) -> None:
    """Scopes, roots in either spelling and a shorter life are what the token gets."""
    seen = exchanged(
        visitor, parent, scope="content:read", roots=f"nod_{agency.root}", expires_in="60"
    )
    assert (seen.status, seen.json["expires_in"]) == (200, 60)
    (told,) = [event for event in agency.events() if isinstance(event, TokenRecorded)][-1:]
    assert told.authority == "token"
    assert (told.subject, told.parent) == (parent.token.id, parent.token.id)
    assert (told.grants[0].scopes, told.grants[0].roots) == (READ, (agency.root,))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"subject_token": "-"}, "invalid_request"),
        ({"subject_token": "cfp_" + "a" * 49}, "invalid_request"),
        ({"subject_token": "x"}, "invalid_request"),
        ({"subject_token_type": "-"}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "invalid_request"),
        ({"actor_token": "cfp_" + "a" * 49}, "invalid_request"),
        ({"audience": "shop"}, "invalid_target"),
        ({"resource": "https://shop.example"}, "invalid_target"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "content:publish"}, "invalid_scope"),
        ({"roots": "nod_1000000000000009"}, "invalid_request"),
        ({"roots": "tok_1000000000000009"}, "invalid_request"),
        ({"roots": "all"}, "invalid_request"),
        ({"roots": ""}, "invalid_request"),
        ({"roots": " "}, "invalid_request"),
        ({"scope": " "}, "invalid_scope"),
        ({"client_secret": "cfk_" + "a" * 49}, "invalid_request"),
        ({"roots": " ".join(["1000000000000009"] * 101)}, "invalid_request"),
        ({"expires_in": "0"}, "invalid_request"),
        ({"expires_in": "3601"}, "invalid_request"),
        ({"expires_in": "1e3"}, "invalid_request"),
        ({"expires_in": "-1"}, "invalid_request"),
        ({"expires_in": "٣"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_named(
    agency: Agency, visitor: Visitor, parent: Requested, changed: dict[str, str], error: str
) -> None:
    """Whatever is wrong is a 400 with the word that the RFCs have for it, and makes nothing."""
    before = agency.counts()
    seen = exchanged(visitor, parent, **changed)
    assert (seen.status, seen.error) == (400, error)
    assert agency.counts() == before


@pytest.mark.parametrize("header", ["Bearer {token}", "Basic YW5uOnB3", ""])
def test_who_shows_the_token_is_no_client(
    agency: Agency, visitor: Visitor, parent: Requested, header: str
) -> None:
    """A credential in the header besides is refused, and not passed over in silence."""
    form = {
        "grant_type": EXCHANGE_GRANT,
        "subject_token": parent.secret.reveal(),
        "subject_token_type": ACCESS_TOKEN,
    }
    said = header.replace("{token}", parent.secret.reveal())
    before = agency.counts()
    seen = visitor.go("POST", "/oauth/token", form=form, authorization=said)
    assert (seen.status, seen.error) == (400, "invalid_request")
    assert agency.counts() == before


@pytest.mark.parametrize("lost", ["revoked", "expired", "forbidden", "exchanged"])
def test_a_token_that_is_not_good_is_exchanged_for_nothing(
    agency: Agency, visitor: Visitor, parent: Requested, clock: StandingClock, lost: str
) -> None:
    """Invalid, or against the policy: RFC 8693 has one error for both, and we say why (S17)."""
    shown = {}
    if lost == "revoked":
        with agency.acting(agency.ada) as work:
            revoke(work, parent.token.id)
    elif lost == "expired":
        clock.move_on(days=40)
    elif lost == "forbidden":
        with agency.acting(agency.ada) as work:
            edit_policy(work, 1, {"exchange_allowed": False})
    else:
        shown = {"subject_token": exchanged(visitor, parent).json["access_token"]}
    seen = exchanged(visitor, parent, **shown)
    assert (seen.status, seen.error) == (400, "invalid_request")
    assert seen.json["error_description"]

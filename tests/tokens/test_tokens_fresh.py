"""An old sign-in mints, approves and widens nothing; whatever takes power away it still may do."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from counterfoil.access.caller import STEP_UP
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import UserId
from counterfoil.tokens.model import State
from support.tokens import Agency, Door, code, request_of

PERSONAL = "/cma/personal_access_tokens"
WIDER = {"scopes": ["content:read", "content:write"]}


def proved(agency: Agency, user: UserId, ago: timedelta) -> Door:
    """Return the doors as a person sees them who signed in so long ago."""
    caller = agency.caller(user)
    return agency.door(replace(caller, authenticated_at=agency.office.clock() - ago))


def stale(agency: Agency, user: UserId) -> Door:
    return proved(agency, user, STEP_UP + timedelta(seconds=1))


def test_minting_asks_for_a_fresh_proof(agency: Agency) -> None:
    """After 15 minutes every door that mints answers 403, creates nothing, and says why (S44)."""
    own = agency.granted(agency.ada)
    api = agency.api_token("admin", surfaces=ALL_SURFACES)
    door, before = stale(agency, agency.ada), agency.counts()
    role = {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}
    flags = dict.fromkeys(("can_access_cda", "can_access_cda_preview", "can_access_cma"), True)
    for answer in (
        door("POST", PERSONAL, {"name": "laptop", "scopes": ["content:read"]}),
        door.raw("POST", f"{PERSONAL}/{own.token.id}/successor"),
        door("POST", "/cma/api_tokens", {"name": "ci"}, type_="api_token", relationships=role),
        door("POST", "/cma/key_pairs", {"name": "ci"}, type_="key_pair", relationships=role),
        door.raw("POST", f"/cma/api_tokens/{api.token.id}/regenerate"),
        door(
            "POST",
            "/access_tokens",
            {"name": "ci", **flags},
            type_="access_token",
            relationships=role,
        ),
        door.raw("POST", f"/access_tokens/{api.token.id}/regenerate_token"),
    ):
        assert (answer.status_code, code(answer)) == (403, "STEP_UP_REQUIRED"), answer.text
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="counterfoil", error="insufficient_user_authentication", '
            'error_description="Sign in again: this asks for a fresh proof of who you are.", '
            'max_age="900"'
        )
    assert agency.counts() == before
    assert agency.hall.refusal(api.secret) == "allowed"
    assert [outcome for _, outcome in agency.trail()][-7:] == ["STEP_UP_REQUIRED"] * 7


def test_fifteen_minutes_are_fresh(agency: Agency) -> None:
    """A proof of exactly 15 minutes ago still mints (S44)."""
    door = proved(agency, agency.ada, STEP_UP)
    answer = door("POST", PERSONAL, {"name": "laptop", "scopes": ["content:read"]})
    assert answer.status_code == 201


def test_approving_asks_for_a_fresh_proof(agency: Agency) -> None:
    """An old sign-in approves nothing; it denies, for that takes nothing but hope (S44, A10a)."""
    asked = agency.ask(agency.dan)
    request = f"/cma/token_requests/{request_of(asked)}"
    door, seen = stale(agency, agency.ada), {"If-Match": '"1"'}
    answer = door.raw("POST", f"{request}/approve", headers=seen)
    assert (answer.status_code, code(answer)) == (403, "STEP_UP_REQUIRED")
    assert agency.state(asked.token.id) is State.PENDING
    denied = door("POST", f"{request}/deny", {"reason": "no"}, seen, type_="token_request")
    assert denied.status_code == 200


def test_widening_asks_for_a_fresh_proof(agency: Agency) -> None:
    """To widen a weak token is to mint a strong one; to narrow or end it is not (S44, X14)."""
    own = agency.granted(agency.ada)
    api = agency.api_token("reader")
    door = stale(agency, agency.ada)
    admin = {"role": {"data": {"type": "role", "id": str(agency.roles["admin"].id)}}}
    for answer in (
        door("PATCH", f"{PERSONAL}/{own.token.id}", WIDER),
        door(
            "PATCH",
            f"/cma/api_tokens/{api.token.id}",
            {"surfaces": ["delivery", "management"]},
            type_="api_token",
        ),
        door(
            "PATCH",
            f"/cma/api_tokens/{api.token.id}",
            {"name": "ci"},
            type_="api_token",
            relationships=admin,
        ),
    ):
        assert (answer.status_code, code(answer)) == (403, "STEP_UP_REQUIRED"), answer.text
    assert (agency.token(own.token.id), agency.token(api.token.id)) == (own.token, api.token)
    narrower = door("PATCH", f"{PERSONAL}/{own.token.id}", {"name": "desk", "roots": []})
    assert narrower.status_code == 200
    assert door("PATCH", f"{PERSONAL}/{own.token.id}", {"enabled": False}).status_code == 200
    assert door.raw("DELETE", f"{PERSONAL}/{own.token.id}").status_code == 200
    assert door.raw("DELETE", f"/access_tokens/{api.token.id}").status_code == 200


def test_a_wider_request_asks_for_a_fresh_proof(agency: Agency) -> None:
    """A pending request is not widened by an old sign-in either (S44, A10c)."""
    asked = agency.ask(agency.dan)
    path = f"{PERSONAL}/{asked.token.id}"
    answer = stale(agency, agency.dan)("PATCH", path, WIDER)
    assert code(answer) == "STEP_UP_REQUIRED"
    assert agency.token(asked.token.id) == asked.token
    assert proved(agency, agency.dan, STEP_UP)("PATCH", path, WIDER).status_code == 202


def test_whoever_may_not_is_told_so_first(agency: Agency) -> None:
    """Nobody is sent to sign in again for what they may not do anyway (S13, S44)."""
    request = f"/cma/token_requests/{request_of(agency.ask(agency.dan))}/approve"
    answer = stale(agency, agency.rea).raw("POST", request, headers={"If-Match": '"1"'})
    assert (answer.status_code, code(answer)) == (403, "INSUFFICIENT_SCOPE")


def test_a_service_token_is_no_person(agency: Agency) -> None:
    """There is nobody to sign in behind a token that manages tokens: it mints as before (K4)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    role = {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}
    door = agency.door(maker.secret)
    answer = door("POST", "/cma/api_tokens", {"name": "ci"}, type_="api_token", relationships=role)
    assert answer.status_code == 201
    assert Code.STEP_UP_REQUIRED not in {outcome for _, outcome in agency.trail()}

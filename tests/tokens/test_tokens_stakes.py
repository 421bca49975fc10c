"""What a change would do to tokens, said before, is what it does: measured at the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.grant import Grant
from counterfoil.access.role import Role
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.directory.define_role import delete_role, edit_role
from counterfoil.directory.enroll import assign, deactivate
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied, Invalid
from counterfoil.kernel.ids import RoleId, TokenId
from counterfoil.operation import OPERATIONS
from counterfoil.secret import Secret
from counterfoil.tokens.doors.previews import ROUTES
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.preview_member import preview_end, preview_roles
from counterfoil.tokens.preview_role import preview_role
from counterfoil.tokens.stake import Fate, Stakes
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.doors import Probe
from support.tokens import PUBLISH, READ, WRITE, Agency

CONTENT = READ | WRITE | PUBLISH


@pytest.fixture
def writers(agency: Agency) -> Role:
    """A custom role, which Wes holds, that reads, writes and publishes everywhere."""
    agency.role("writer", Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH)
    return agency.roles["writer"]


def without(mask: Scopes) -> Any:
    return lambda role: replace(role, scopes=role.scopes & ~mask)


def foreseen(agency: Agency, role: RoleId, change: Any) -> Stakes:
    with agency.looking(agency.ada) as work:
        return preview_role(work, role, change)


def held(agency: Agency, secret: Secret) -> Grant:
    """Return what the gate makes of a token now; nothing of one that it refuses."""
    try:
        return agency.bearing(secret).grant
    except CounterfoilError:
        return Grant(())


def test_what_is_foreseen_of_a_role_is_what_happens(agency: Agency, writers: Role) -> None:
    """Personal tokens, API tokens and pairs behind a role lose what the preview says (G8, X18)."""
    wes = agency.hire("Wes", "writer")
    every = agency.granted(wes, "every", inherit=True)
    reads = agency.granted(wes, "reads", scopes=READ)
    api = agency.api_token("writer")
    other = agency.granted(agency.dan, "other", inherit=True)
    made = (every, reads, api, other)
    before = {one.token.id: held(agency, one.secret).scopes for one in made}
    change = without(PUBLISH)
    stakes = foreseen(agency, writers.id, change)
    assert {one.token.id for one in stakes.each} == {every.token.id, api.token.id}
    assert {one.fate for one in stakes.each} == {Fate.CHANGES}
    assert (stakes.members, stakes.losing(CONTENT), stakes.gaining(CONTENT)) == (
        1,
        {PUBLISH: 2},
        {},
    )
    with agency.acting(agency.ada) as work:
        edit_role(work, writers.id, change)
    lost = {one.token.id: before[one.token.id] & ~held(agency, one.secret).scopes for one in made}
    assert lost == {
        every.token.id: PUBLISH,
        api.token.id: PUBLISH,
        reads.token.id: 0,
        other.token.id: 0,
    }


def test_a_scope_in_fewer_places_is_lost(agency: Agency, writers: Role) -> None:
    """A role that is held to a folder loses its scopes outside of it, and inside none."""
    wes = agency.hire("Wes", "writer")
    inside = agency.granted(wes, "inside", scopes=READ, roots=frozenset({agency.press}))
    roaming = agency.granted(wes, "roaming", scopes=READ)
    stakes = foreseen(
        agency, writers.id, lambda role: replace(role, roots=frozenset({agency.public}))
    )
    assert [one.token.id for one in stakes.each] == [roaming.token.id]
    assert stakes.each[0].lost == READ
    with agency.acting(agency.ada) as work:
        edit_role(work, writers.id, lambda role: replace(role, roots=frozenset({agency.public})))
    assert agency.refusal_at(inside.secret, agency.press) is None
    assert agency.refusal_at(roaming.secret, agency.internal) is not None


def test_another_role_of_the_same_member_makes_up_for_it(agency: Agency, writers: Role) -> None:
    """Who holds a scope by another role too loses nothing."""
    both = agency.hire("Both", "writer", "editor")
    agency.granted(both, "laptop", inherit=True)
    assert foreseen(agency, writers.id, without(PUBLISH)).each == ()


def test_what_is_gained_is_told_too(agency: Agency, writers: Role) -> None:
    """Only tokens that follow their role gain by a scope that it gains."""
    wes = agency.hire("Wes", "writer")
    agency.granted(wes, "every", inherit=True)
    agency.granted(wes, "reads", scopes=READ)
    more = scopes(Scope.ASSETS_READ)
    stakes = foreseen(agency, writers.id, lambda role: replace(role, scopes=role.scopes | more))
    assert [one.token.name for one in stakes.each] == ["every"]
    assert stakes.gaining(more) == {more: 1}


def test_only_what_works_changes(agency: Agency, writers: Role) -> None:
    """Pending, disabled and shut out tokens do nothing now, so nothing of them changes at once."""
    wes = agency.hire("Wes", "writer")
    agency.ask(wes, "waits", inherit=True)
    off = agency.granted(wes, "off", inherit=True)
    with agency.acting(wes) as work:
        disable(work, off.token.id)
    gone = agency.hire("Gone", "writer")
    agency.granted(gone, "cut", inherit=True)
    with agency.acting(agency.ada) as work:
        deactivate(work, gone)
    assert foreseen(agency, writers.id, without(PUBLISH)).each == ()


def test_a_role_that_goes_takes_all_from_what_rests_on_it(agency: Agency, writers: Role) -> None:
    """An API token of a role that is deleted can do nothing more, as was foreseen."""
    api = agency.api_token("writer")
    stakes = foreseen(agency, writers.id, None)
    assert [(one.token.id, one.lost) for one in stakes.each] == [(api.token.id, CONTENT)]
    with agency.acting(agency.ada) as work:
        delete_role(work, writers.id)
    assert held(agency, api.secret).scopes == 0


def test_a_preview_changes_nothing_and_refuses_what_the_change_would(
    agency: Agency, writers: Role
) -> None:
    """A preview stands under the rules of the deed: built-in, unknown, beyond one's own (S17)."""
    head = agency.head()
    foreseen(agency, writers.id, without(PUBLISH))
    assert agency.head() == head
    with pytest.raises(Conflict):
        foreseen(agency, agency.roles["reader"].id, without(READ))
    with pytest.raises(Invalid):
        foreseen(agency, writers.id, lambda role: replace(role, name=" "))
    agency.role("people", Scope.USERS_MANAGE, Scope.ROLES_MANAGE, Scope.CONTENT_READ)
    pat = agency.hire("Pat", "people")
    with pytest.raises(Denied) as refusal, agency.looking(pat) as work:
        preview_role(work, writers.id, without(PUBLISH))
    assert refusal.value.code is Code.INSUFFICIENT_ROLE
    with pytest.raises(Denied) as refusal, agency.looking(pat) as work:
        preview_roles(work, agency.ada, [agency.roles["people"].id])
    assert refusal.value.code is Code.INSUFFICIENT_ROLE
    with pytest.raises(Denied), agency.looking(agency.rea) as work:
        preview_end(work, agency.dan)


def test_other_roles_of_a_member_are_weighed(agency: Agency) -> None:
    """What a member's tokens lose by other roles is said, and is what they then lose (G8)."""
    token = agency.granted(agency.dan, "laptop", inherit=True)
    before = held(agency, token.secret).scopes
    reader = agency.roles["reader"].id
    with agency.looking(agency.ada) as work:
        stakes = preview_roles(work, agency.dan, [reader])
        supported = work.vocabulary().supported
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [reader])
    assert [one.lost & supported for one in stakes.each] == [
        before & ~held(agency, token.secret).scopes
    ]


def test_the_last_admin_cannot_be_weighed_away(agency: Agency) -> None:
    """That nobody would be left to administer is said before, as it is at the deed."""
    with pytest.raises(Conflict) as refusal, agency.looking(agency.ada) as work:
        preview_end(work, agency.ada)
    assert refusal.value.code is Code.LAST_ADMIN
    with pytest.raises(Conflict) as refusal, agency.looking(agency.ada) as work:
        preview_roles(work, agency.ada, [agency.roles["reader"].id])
    assert refusal.value.code is Code.LAST_ADMIN


def test_what_stops_with_a_member_is_foreseen(agency: Agency) -> None:
    """Their tokens end in whatever state, what borrowed their authority rests (S20, Q18)."""
    own = agency.granted(agency.dan, "own", inherit=True)
    waits = agency.ask(agency.dan, "waits")
    lent = agency.api_token(authority="user", subject=agency.dan, name="lent")
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, Wish("pair", authority="user", subject=agency.dan, inherit=True))
    agency.granted(agency.rea, "elsewhere")
    agency.api_token()
    with agency.looking(agency.ada) as work:
        stakes = preview_end(work, agency.dan)
    assert fates(stakes) == {
        own.token.id: Fate.ENDS,
        waits.token.id: Fate.ENDS,
        lent.token.id: Fate.RESTS,
        pair.token.id: Fate.RESTS,
    }
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    assert {agency.state(one.token.id) for one in (own, waits)} == {State.REVOKED}
    assert agency.hall.refusal(lent.secret) == "OWNER_DEACTIVATED"


def test_what_is_over_is_not_at_stake(agency: Agency) -> None:
    """Tokens that have ended cannot end once more."""
    agency.granted(agency.dan, "soon", expires_at=agency.hall.clock() + timedelta(days=1))
    agency.hall.clock.move_on(days=2)
    with agency.looking(agency.ada) as work:
        assert preview_end(work, agency.dan).each == ()


def fates(stakes: Stakes) -> dict[TokenId, Fate]:
    return {one.token.id: one.fate for one in stakes.each}


def test_previews_over_http(agency: Agency, writers: Role) -> None:
    """Both doors say what is at stake in counts and by name, and what is no preview is refused."""
    wes = agency.hire("Wes", "writer")
    token = agency.granted(wes, "laptop", inherit=True)
    caller = agency.caller(agency.ada)
    ask = Probe(agency.office, caller, routes=ROUTES, operations=OPERATIONS)
    body = {"data": {"type": "role", "attributes": {"scopes": ["content:read", "content:write"]}}}
    said = ask("POST", f"/cma/roles/{writers.id}/preview", body)
    facts = said.json["data"]["attributes"]
    assert (said.status, facts["members"], facts["tokens"], facts["in_use"]) == (200, 1, 1, 0)
    assert facts["scopes"] == [{"scope": "content:publish", "lost": 1, "gained": 0}]
    named = facts["named"][0]
    assert (named["id"], named["fate"], named["lost"]) == (
        str(token.token.id),
        "changes",
        ["content:publish"],
    )
    path = f"/cma/users/{wes}/preview"
    away = {"data": {"type": "user", "attributes": {"active": False}}}
    facts = ask("POST", path, away).json["data"]["attributes"]
    assert [one["fate"] for one in facts["named"]] == ["ends"]
    none = {"data": {"type": "user", "relationships": {"roles": {"data": []}}}}
    facts = ask("POST", path, none).json["data"]["attributes"]
    assert {one["scope"] for one in facts["scopes"]} == {
        "content:read",
        "content:write",
        "content:publish",
    }
    for wrong in (
        {"data": {"type": "user"}},
        {"data": {"type": "user", "attributes": {"active": True}}},
        {"data": {**none["data"], **away["data"]}},
    ):
        assert ask("POST", path, wrong).status == 422, wrong
    assert ask("POST", f"/cma/users/{agency.ada}/preview", away).status == 409
    assert agency.bearing(token.secret).grant.scopes == CONTENT

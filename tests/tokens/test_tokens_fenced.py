"""A policy says whose tokens are good and from where: foreseen, told, and in force at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import insert

from counterfoil import directory
from counterfoil.directory import Policy
from counterfoil.directory.define_role import create_role, delete_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied, Invalid
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.tokens.exchange import as_client, exchange
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.preview_member import preview_roles
from counterfoil.tokens.preview_policy import Impact, preview_policy
from counterfoil.tokens.show_power import show_power
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START
from support.tokens import READ, Agency, pointer

pytestmark = pytest.mark.each_engine
OFFICE = ("192.0.2.0/24", "2001:db8::/32")
INSIDE, OUTSIDE = "192.0.2.7", "198.51.100.1"


def policy(agency: Agency) -> Policy:
    with agency.office.database.reading() as tx:
        return directory.policy(tx, agency.id)


def change(agency: Agency, **changes: Any) -> Policy:
    with agency.acting(agency.ada) as work:
        return edit_policy(work, policy(agency).version, changes)


def foresee(agency: Agency, **changes: Any) -> Impact:
    with agency.looking(agency.ada) as work:
        return preview_policy(work, changes)


def roles(agency: Agency, *names: str) -> tuple[str, ...]:
    return tuple(sorted(str(agency.roles[name].id) for name in names))


def assigned(agency: Agency, user: UserId, role: str) -> None:
    with agency.acting(agency.ada) as work:
        assign(work, user, [agency.roles[role].id])


def use(agency: Agency, token: TokenId, network: str) -> None:
    row = {"organization_id": agency.id, "token_id": token, "at": START, "management_at": START}
    with agency.operating() as work:
        work.tx.execute(insert(used), {**row, "client": "curl", "network": network})


def told(agency: Agency, user: UserId) -> list[tuple[object, object, object]]:
    with agency.looking(user) as work:
        found = list_notices(work, Wanted(size=100), unread=False).items
    facts = [one.facts for one in found if one.kind == "policy_changed"]
    return [(one["name"], one["barred"], one["elsewhere"]) for one in facts]


def refused(agency: Agency, secret: Any, address: str) -> str:
    try:
        agency.hall.verify(secret, None, address)
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


def test_roles_are_in_force_at_once(agency: Agency) -> None:
    """Tokens of who has none of the roles rest when the call returns; they make no more (R1)."""
    dans, reas = agency.granted(agency.dan, "dans"), agency.granted(agency.rea, "reas")
    api = agency.api_token(name="api")
    seen = foresee(agency, token_roles=roles(agency, "developer"))
    assert dict(seen.stopped) == {"role": 1}
    assert [(one.token.name, one.why, one.owner) for one in seen.stops] == [
        ("reas", "role", "ReaAcme")
    ]
    before = agency.token(reas.token.id)
    change(agency, token_roles=roles(agency, "developer"))
    said = [refused(agency, one.secret, INSIDE) for one in (dans, reas, api)]
    assert said == ["allowed", "POLICY_BLOCKED", "allowed"]
    assert agency.token(reas.token.id) == before
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert told(agency, agency.rea) == [("reas", True, None)]
    assert told(agency, agency.dan) == []
    counts = agency.counts()
    with pytest.raises(Denied) as denial:
        agency.ask(agency.rea, "another")
    assert denial.value.code is Code.POLICY_BLOCKED
    assert agency.counts() == counts
    assert agency.ask(agency.dan, "another").token.owner == agency.dan
    change(agency, token_roles=None)
    assert refused(agency, reas.secret, INSIDE) == "allowed"


def test_addresses_are_in_force_at_once(agency: Agency) -> None:
    """The organization's ranges bind every token when the call returns, and no session (R1)."""
    near, far = agency.granted(agency.dan, "near"), agency.granted(agency.rea, "far")
    api = agency.api_token(name="api")
    use(agency, near.token.id, "192.0.2.0/24")
    use(agency, far.token.id, "198.51.100.0/24")
    use(agency, api.token.id, "192.0.0.0/16")
    seen = foresee(agency, ip_ranges=OFFICE)
    assert dict(seen.stopped) == {"address": 2}
    assert {one.token.name for one in seen.stops} == {"far", "api"}
    change(agency, ip_ranges=OFFICE)
    for one in (near, far, api):
        assert refused(agency, one.secret, INSIDE) == "allowed"
        assert refused(agency, one.secret, OUTSIDE) == "IP_NOT_ALLOWED"
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert told(agency, agency.rea) == [("far", False, "198.51.100.0/24")]
    assert told(agency, agency.dan) == []
    change(agency, ip_ranges=None)  # whoever is signed in is not bound, wherever they are
    assert refused(agency, far.secret, OUTSIDE) == "allowed"


def test_a_pair_is_exchanged_from_there_alone(agency: Agency) -> None:
    """What a pair is exchanged for is given to the organization's addresses alone (A15)."""
    wanted = Wish(name="ci", authority="role", subject=agency.roles["reader"].id)
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, wanted)
    change(agency, ip_ranges=OFFICE)
    client = as_client(pair.token)
    elsewhere = structs.replace(ORIGIN, address=OUTSIDE)
    with pytest.raises(Denied) as caught, agency.office.work(client, elsewhere) as work:
        exchange(work)
    assert caught.value.code == "IP_NOT_ALLOWED"
    with agency.office.work(client, structs.replace(ORIGIN, address=INSIDE)) as work:
        given = exchange(work)
    assert refused(agency, given.secret, INSIDE) == "allowed"


def test_what_a_role_change_does(agency: Agency) -> None:
    """A token rests and works again with the roles of its owner, and no call for the token (G8)."""
    made = agency.granted(agency.dan, scopes=READ)
    change(agency, token_roles=roles(agency, "developer", "admin"))
    assert refused(agency, made.secret, INSIDE) == "allowed"
    with agency.looking(agency.ada) as work:
        seen = preview_roles(work, agency.dan, [agency.roles["reader"].id])
    assert [(one.token.id, one.lost) for one in seen.each] == [(made.token.id, READ)]
    assigned(agency, agency.dan, "reader")
    with agency.looking(agency.ada) as work:
        assert not show_power(work, made.token.id).effective.scopes
        assert show_power(work, made.token.id).barred
    assert refused(agency, made.secret, INSIDE) == "POLICY_BLOCKED"
    assigned(agency, agency.dan, "developer")
    assert refused(agency, made.secret, INSIDE) == "allowed"


def test_only_what_stops_anew_is_foreseen(agency: Agency) -> None:
    """What the present policy stops already is not counted again, and what it opens neither."""
    agency.granted(agency.rea, "reas")
    change(agency, token_roles=roles(agency, "developer"))
    assert not foresee(agency, quota=3).stopped
    assert not foresee(agency, token_roles=roles(agency, "admin", "developer")).stopped
    assert not foresee(agency, token_roles=None).stopped


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"token_roles": ("1234567890123456",)}, "token_roles/0"),
        ({"token_roles": ()}, "token_roles"),
        ({"ip_ranges": ()}, "ip_ranges"),
        ({"idle_days": 0}, "idle_days"),
        ({"idle_days": 4_000}, "idle_days"),
    ],
)
def test_what_makes_no_sense(agency: Agency, wrong: dict[str, Any], field: str) -> None:
    """Roles of nobody, empty lists and terms beyond reason are refused, before and on saving."""
    before = policy(agency)
    for attempt in (foresee, change):
        with pytest.raises(Invalid) as caught:
            attempt(agency, **wrong)
        assert caught.value.field == f"/data/attributes/{field}"
    assert policy(agency) == before


def test_a_role_that_the_policy_names_stays(agency: Agency) -> None:
    """A role whose holders may have tokens is not deleted, or nobody could have any."""
    with agency.acting(agency.ada) as work:
        made = create_role(work, "press", READ)
    change(agency, token_roles=(str(made.id),))
    with pytest.raises(Conflict) as caught, agency.acting(agency.ada) as work:
        delete_role(work, made.id)
    assert caught.value.code is Code.IN_USE
    change(agency, token_roles=None)
    with agency.acting(agency.ada) as work:
        assert delete_role(work, made.id).id == made.id


def test_over_http(agency: Agency) -> None:
    """The fields are set and foreseen over HTTP, and what is none of theirs is pointed at (A11)."""
    reas = agency.granted(agency.rea, "reas")
    ask = partial(agency.door(agency.caller(agency.ada)), type_="token_policy")
    path = f"/cma/organizations/{agency.id}/token_policy"
    (developer,) = roles(agency, "developer")
    wanted = {
        "token_roles": [spell(Prefix.ROLE, int(developer)), developer],
        "ip_ranges": ["2001:db8::/32", "192.0.2.0/25", "192.0.2.128/25"],
        "idle_days": 90,
    }
    facts = ask("POST", f"{path}/preview", wanted).json["data"]["attributes"]
    assert (facts["tokens_barred"], facts["tokens_elsewhere"], facts["tokens_idle"]) == (1, 0, 0)
    assert [(one["id"], one["why"]) for one in facts["stopping"]] == [(str(reas.token.id), "role")]
    told = ask("PATCH", path, wanted, {"If-Match": '"1"'})
    assert told.status_code == 200
    shown = ask("GET", path).json["data"]["attributes"]
    assert shown == told.json["data"]["attributes"]
    assert (shown["token_roles"], shown["idle_days"]) == ([developer], 90)
    assert shown["ip_ranges"] == ["192.0.2.0/24", "2001:db8::/32"]
    for wrong, field in (
        ({"ip_ranges": ["192.0.2.7/24"]}, "ip_ranges/0"),
        ({"ip_ranges": ["192.0.2.0/24"] * 51}, "ip_ranges"),
        ({"ip_ranges": []}, "ip_ranges"),
        ({"ip_ranges": "anywhere"}, "ip_ranges"),
        ({"token_roles": ["developer"]}, "token_roles/0"),
        ({"token_roles": [developer, "1000000000000000"]}, "token_roles/0"),
        ({"idle_days": 1.5}, "idle_days"),
    ):
        answer = ask("PATCH", path, wrong, {"If-Match": '"2"'})
        assert (answer.status_code, pointer(answer)) == (422, f"/data/attributes/{field}")
    assert ask("GET", path).json["data"]["attributes"] == shown

"""Who can do something somewhere is what the gate and the operations say of each of them."""

from __future__ import annotations

import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface, spell_surfaces
from counterfoil.directory.api import ApiWish
from counterfoil.directory.enroll import deactivate
from counterfoil.directory.register_api import create_api
from counterfoil.kernel.errors import CounterfoilError, Denied, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import OPERATIONS
from counterfoil.secret import Secret
from counterfoil.tokens.can import can_api_token, can_token
from counterfoil.tokens.doors.who_can import ROUTES
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.switch import disable
from counterfoil.tokens.who_can import Answer, can_self, who_can
from support.directory_doors import UNKNOWN
from support.doors import Probe
from support.gate import ancestry
from support.office import ORIGIN
from support.tokens import PUBLISH, READ, Agency


def answered(
    agency: Agency, scope: str, node: NodeId | None = None, by: UserId | None = None
) -> Answer:
    with agency.looking(by or agency.ada) as work:
        return who_can(work, scope, node, Wanted(100))


def named(
    agency: Agency, scope: str, node: NodeId | None = None, by: UserId | None = None
) -> list[str]:
    return [one.name for one in answered(agency, scope, node, by).able.items]


def permitted(agency: Agency, secret: Secret, scope: Scope, node: NodeId) -> bool:
    """Say whether the gate lets a token do this there."""
    try:
        grant = agency.bearing(secret).grant
        grant.permit(scope, ancestry(agency.hall.verifier.replica, agency.id, node))
    except CounterfoilError:
        return False
    return True


def test_who_can_is_who_the_gate_permits(agency: Agency) -> None:
    """Of every token and node, the list says what the gate says, which decides requests."""
    agency.role("press", Scope.CONTENT_READ, Scope.CONTENT_PUBLISH, roots=frozenset({agency.press}))
    pia = agency.hire("Pia", "press")
    made: dict[str, Requested | Issued] = {
        "dan-all": agency.granted(agency.dan, "dan-all", inherit=True),
        "dan-read": agency.granted(agency.dan, "dan-read", scopes=READ),
        "dan-press": agency.granted(
            agency.dan, "dan-press", scopes=READ | PUBLISH, roots=frozenset({agency.press})
        ),
        "pia-all": agency.granted(pia, "pia-all", inherit=True),
        "reader-api": agency.api_token(name="reader-api", surfaces=Surface.MANAGEMENT.bit),
        "editor-api": agency.api_token(
            "editor", name="editor-api", surfaces=Surface.MANAGEMENT.bit
        ),
    }
    for scope in (Scope.CONTENT_READ, Scope.CONTENT_PUBLISH):
        for node in (agency.root, agency.public, agency.press, agency.internal):
            said = {name for name in named(agency, str(scope), node) if name in made}
            meant = {
                name for name, one in made.items() if permitted(agency, one.secret, scope, node)
            }
            assert said == meant, (scope, node)
    assert "Pia" in named(agency, "content:publish", agency.press)
    assert "Pia" not in named(agency, "content:publish", agency.internal)


def test_what_no_token_does_no_token_can(agency: Agency) -> None:
    """A personal token of an admin manages no members, whatever its scopes say (G9, S17)."""
    agency.granted(agency.ada, "ada-all", inherit=True)
    agency.api_token("admin", name="admin-api", surfaces=Surface.MANAGEMENT.bit)
    assert named(agency, "users:manage") == ["Ada"]
    assert "admin-api" in named(agency, "tokens:manage")
    assert "ada-all" not in named(agency, "tokens:manage")


def test_a_token_that_is_let_in_nowhere_for_it_cannot(agency: Agency) -> None:
    """Who is let in at delivery alone publishes nothing, and reads there (D9)."""
    agency.api_token("editor", name="site", surfaces=Surface.DELIVERY.bit)
    assert "site" not in named(agency, "content:publish", agency.press)
    reads = answered(agency, "content:read", agency.press).able.items
    site = next(one for one in reads if one.name == "site")
    assert spell_surfaces(site.surfaces) == ("delivery",)


def test_who_is_away_or_off_cannot(agency: Agency) -> None:
    """Shut out people and what is not in force can do nothing (S20, Q3)."""
    off = agency.granted(agency.dan, "off", inherit=True)
    with agency.acting(agency.dan) as work:
        disable(work, off.token.id)
    agency.granted(agency.rea, "rea-all", inherit=True)
    agency.ask(agency.dan, "waits", inherit=True)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.rea)
    found = named(agency, "content:read", agency.press)
    assert {"off", "rea-all", "waits", "ReaAcme"}.isdisjoint(found)
    assert "DanAcme" in found


def test_the_roles_by_which_they_can_are_named(agency: Agency) -> None:
    """Of several roles only those are named that let them do it there."""
    agency.role("press", Scope.CONTENT_PUBLISH, roots=frozenset({agency.press}))
    both = agency.hire("Both", "reader", "press")
    found = answered(agency, "content:publish", agency.press).able.items
    one = next(each for each in found if each.member and each.member.user == both)
    assert one.roles == ("press",)


def test_a_scope_of_a_registered_api_is_known_too(agency: Agency) -> None:
    """Who holds a scope that an API brought along is found by its name."""
    wish = ApiWish("Orders", "https://orders.test", (("orders:read", "See orders"),))
    with agency.acting(agency.ada) as work:
        create_api(work, wish)
    assert named(agency, "orders:read") == ["Ada"]
    assert "orders:read" not in named(agency, "content:read")


def test_tokens_are_told_to_who_may_see_them(agency: Agency) -> None:
    """Whoever only reads members is told people, and that there may be more."""
    agency.role("looker", Scope.USERS_READ, Scope.CONTENT_READ)
    lou = agency.hire("Lou", "looker")
    agency.granted(agency.dan, "dan-all", inherit=True)
    agency.api_token(name="site")
    found = answered(agency, "content:read", agency.press, by=lou)
    assert (found.of_people, found.of_organization) == (False, False)
    assert all(one.token is None for one in found.able.items)
    with pytest.raises(Denied):
        answered(agency, "content:read", by=agency.rea)


def test_what_cannot_be_asked_is_refused(agency: Agency) -> None:
    """A scope that is none, a node where none counts, and one out of sight are named (S31)."""
    with pytest.raises(Invalid):
        answered(agency, "content:fly")
    with pytest.raises(Invalid):
        answered(agency, "users:read", agency.press)
    with pytest.raises(NotFound):
        answered(agency, "content:read", NodeId(int(UNKNOWN)))
    agency.role("near", Scope.USERS_READ, Scope.CONTENT_READ, roots=frozenset({agency.press}))
    nia = agency.hire("Nia", "near")
    with pytest.raises(NotFound):
        answered(agency, "content:read", agency.internal, by=nia)


def test_who_can_over_http(agency: Agency) -> None:
    """Pages of people first and then tokens, and each wrong parameter by its name."""
    token = agency.granted(agency.dan, "laptop", inherit=True)
    ask = Probe(agency.office, agency.caller(agency.ada), routes=ROUTES, operations=OPERATIONS)
    path = f"/cma/who_can?filter[scope]=content:publish&filter[node]={agency.press}"
    seen: list[tuple[str, str]] = []
    more: str | None = f"{path}&page[size]=1"
    while more:
        page = ask("GET", more).json
        seen += [(one["type"], one["attributes"]["name"]) for one in page["data"]]
        more = page["links"]["next"]
    assert seen == [
        ("user", "Ada"),
        ("user", "DanAcme"),
        ("personal_access_token", token.token.name),
    ]
    for wrong in ("", "?filter[scope]=x", f"?filter[scope]=users:read&filter[node]={agency.press}"):
        assert ask("GET", f"/cma/who_can{wrong}").status == 400, wrong
    assert ask("GET", f"/cma/who_can?filter[scope]=content:read&filter[node]={UNKNOWN}").status == (
        404
    )


def test_a_token_is_told_of_itself_what_the_gate_says(agency: Agency) -> None:
    """What a token is told that it can do is what its requests may, on every node (S17)."""
    made = (
        agency.granted(agency.dan, "dan-all", inherit=True),
        agency.granted(agency.dan, "dan-read", scopes=READ),
        agency.granted(
            agency.dan, "dan-press", scopes=READ | PUBLISH, roots=frozenset({agency.press})
        ),
        agency.api_token("editor", name="editor-api", surfaces=Surface.MANAGEMENT.bit),
    )
    said = set()
    for one in made:
        caller = agency.bearing(one.secret)
        for scope in (Scope.CONTENT_READ, Scope.CONTENT_PUBLISH):
            for node in (agency.root, agency.public, agency.press, agency.internal):
                with agency.office.read(caller, ORIGIN) as work:
                    can = can_self(work, str(scope), node) is not None
                assert can is permitted(agency, one.secret, scope, node), (one, scope, node)
                said.add(can)
    assert said == {True, False}


def test_asking_of_oneself_tells_nothing_of_the_tree(agency: Agency) -> None:
    """A node out of sight and one that there is not are the same answer, byte for byte (S31)."""
    token = agency.granted(
        agency.dan, "dan-press", scopes=READ | PUBLISH, roots=frozenset({agency.press})
    )
    ask = Probe(agency.office, agency.bearing(token.secret), routes=ROUTES, operations=OPERATIONS)
    path = "/cma/token/can?filter[scope]=content:publish"
    (there, unseen, unknown) = (
        ask("GET", f"{path}&filter[node]={node}").json["data"]["attributes"]
        for node in (agency.press, agency.internal, UNKNOWN)
    )
    assert (there["can"], there["surfaces"]) == (True, ["management"])
    assert (unseen.pop("node"), unknown.pop("node")) == (str(agency.internal), UNKNOWN)
    assert unseen == unknown == {"can": False, "scope": "content:publish", "surfaces": []}
    assert ask("GET", path).json["data"]["attributes"]["can"] is True
    for wrong in ("", "?filter[scope]=x", f"?filter[scope]=users:read&filter[node]={agency.press}"):
        assert ask("GET", f"/cma/token/can{wrong}").status == 400, wrong


def test_a_token_is_asked_about_without_its_secret(agency: Agency) -> None:
    """Whoever may see a token is told of it what the gate says, on every node (S17)."""
    made: dict[str, Requested | Issued] = {
        "dan-all": agency.granted(agency.dan, "dan-all", inherit=True),
        "dan-press": agency.granted(
            agency.dan, "dan-press", scopes=READ | PUBLISH, roots=frozenset({agency.press})
        ),
        "api": agency.api_token("editor", name="api", surfaces=Surface.MANAGEMENT.bit),
    }
    said = set()
    for name, one in made.items():
        asks, can = (agency.ada, can_api_token) if name == "api" else (agency.dan, can_token)
        for scope in (Scope.CONTENT_READ, Scope.CONTENT_PUBLISH):
            for node in (agency.root, agency.public, agency.press, agency.internal):
                with agency.looking(asks) as work:
                    told = can(work, one.token.id, str(scope), node) is not None
                assert told is permitted(agency, one.secret, scope, node), (name, scope, node)
                said.add(told)
    assert said == {True, False}


def test_a_token_is_asked_about_by_who_may_see_it(agency: Agency) -> None:
    """Its owner and approvers ask of a personal token, who manages API tokens of those (S31).

    For anybody else there is no such token; and what is not in force can do nothing.
    """
    mine = agency.granted(agency.dan, "dan-all", inherit=True).token.id
    api = agency.api_token("editor", name="api", surfaces=Surface.MANAGEMENT.bit).token.id
    asked = "can?filter[scope]=content:read"

    def status(by: UserId, path: str) -> int:
        ask = Probe(agency.office, agency.caller(by), routes=ROUTES, operations=OPERATIONS)
        return ask("GET", f"/cma/{path}/{asked}").status

    assert status(agency.dan, f"personal_access_tokens/{mine}") == 200
    assert status(agency.ada, f"personal_access_tokens/{mine}") == 200
    assert status(agency.rea, f"personal_access_tokens/{mine}") == 404
    assert status(agency.ada, f"api_tokens/{api}") == 200
    assert status(agency.dan, f"api_tokens/{api}") == 403
    assert status(agency.ada, f"api_tokens/{mine}") == 404
    assert status(agency.ada, f"api_tokens/{UNKNOWN}") == 404
    with agency.acting(agency.dan) as work:
        disable(work, mine)
    with agency.looking(agency.dan) as work:
        assert can_token(work, mine, "content:read", None) is None
    agency.role("far", Scope.TOKENS_APPROVE, Scope.CONTENT_READ, roots=frozenset({agency.press}))
    with agency.looking(agency.hire("Fae", "far")) as work, pytest.raises(NotFound):
        can_token(work, mine, "content:read", agency.internal)

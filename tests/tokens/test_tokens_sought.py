"""Lists of tokens: what is sought is found, in every order, a page at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from counterfoil import tokens
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import Outcome
from counterfoil.kernel.ids import TokenId
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.store import flags
from counterfoil.tokens.suspicion import Flag, Reason
from counterfoil.tokens.switch import disable
from support.office import START
from support.tokens import Agency, Door, Hall, code

pytestmark = pytest.mark.each_engine

PATH = "/cma/personal_access_tokens"
DAY = timedelta(days=1)
NAMES = {
    "name": ["alpha", "Beta", "gamma1", "gamma_1"],
    "created_at": ["gamma1", "alpha", "Beta", "gamma_1"],
    "expires_at": ["alpha", "gamma1", "Beta", "gamma_1"],
    "last_used_at": ["Beta", "gamma_1", "alpha", "gamma1"],
}
"""Dan's tokens in each order."""


class Shelf:
    """Dan's tokens: made on four days, with ends, uses and states of all sorts."""

    def __init__(self, hall: Hall, agency: Agency) -> None:
        self.hall, self.agency = hall, agency
        self.ids: dict[str, TokenId] = {}
        self.hints: dict[str, str] = {}
        ends = {"gamma1": 20, "alpha": 10, "Beta": 40, "gamma_1": None}
        for name, days in ends.items():
            end = None if days is None else START + days * DAY
            made = agency.granted(agency.dan, name, expires_at=end)
            self.ids[name], self.hints[name] = made.token.id, made.secret.hint
            hall.clock.move_on(days=1)
        for name in ("alpha", "gamma1"):
            self.use(name)
            hall.clock.move_on(hours=1)

    def use(self, name: str) -> None:
        bearer = Caller(self.agency.id, self.agency.dan, Method.PERSONAL, Grant(()), self.ids[name])
        self.hall.usage.count(bearer, Surface.DELIVERY, Outcome.ALLOWED, "curl/8", "192.0.2.7")
        self.hall.tally.flush()

    def door(self) -> Door:
        return self.agency.door(self.agency.caller(self.agency.dan))

    def found(self, **query: str) -> set[str]:
        """Return the names of what a list finds by filters, spelled without their brackets."""
        return set(self.listed({f"filter[{name}]": value for name, value in query.items()}))

    def listed(self, query: dict[str, str]) -> list[str]:
        answer = self.door()("GET", PATH, query=urlencode(query))
        assert answer.status_code == 200, answer.text
        return names_of(answer.json)


def names_of(page: Any) -> list[str]:
    return [one["attributes"]["name"] for one in page["data"]]


@pytest.fixture
def shelf(hall: Hall, database: object) -> Shelf:
    del database
    return Shelf(hall, Agency(hall, preset="datocms"))


def pages(door: Door, path: str, query: dict[str, str]) -> list[str]:
    """Read a list to its end, and check what each page says of the whole."""
    found: list[str] = []
    text = urlencode(query)
    while True:
        answer = door("GET", path, query=text)
        assert answer.status_code == 200, answer.text
        found += names_of(answer.json)
        further = answer.json["links"]["next"]
        if further is None:
            assert answer.json["meta"]["total_count"] == len(found)
            return found
        text = urlsplit(further).query


class TestFilters:
    def test_states(self, shelf: Shelf) -> None:
        """A state finds what is shown in that state: what is over is expired, not active."""
        with shelf.agency.acting(shelf.agency.dan) as work:
            disable(work, shelf.ids["Beta"])
            revoke(work, shelf.ids["gamma_1"])
        shelf.hall.clock.move_on(days=12)
        assert shelf.found(state="active") == {"gamma1"}
        assert shelf.found(state="expired") == {"alpha"}
        assert shelf.found(state="disabled") == {"Beta"}
        assert shelf.found(state="revoked") == {"gamma_1"}
        assert shelf.found(state="expired,revoked") == {"alpha", "gamma_1"}
        shelf.hall.clock.move_on(days=100)
        assert shelf.found(state="expired") == {"alpha", "gamma1", "Beta"}
        assert shelf.found(state="active") == shelf.found(state="pending") == set()

    def test_names(self, shelf: Shelf) -> None:
        """A part of a name finds it whatever its case, and no letter stands for others."""
        assert shelf.found(query="GAMMA") == {"gamma1", "gamma_1"}
        assert shelf.found(query="gamma_") == {"gamma_1"}
        assert shelf.found(query="%") == set()
        assert shelf.found(query=" beta ") == {"Beta"}

    def test_last_four(self, shelf: Shelf) -> None:
        """The last four characters of a secret find its token, three of them do not."""
        ends = shelf.hints["alpha"][-4:]
        assert "alpha" in shelf.found(query=ends)
        assert len(shelf.found(query=ends)) < 4
        assert "alpha" not in shelf.found(query=ends[1:] if ends[1:] not in "alpha" else "zzz")

    def test_ends(self, shelf: Shelf) -> None:
        """What never ends is after every instant, and before none."""
        then = (START + 20 * DAY).isoformat().replace("+00:00", "Z")
        assert shelf.found(expires_before=then) == {"alpha"}
        assert shelf.found(expires_after=then) == {"Beta", "gamma_1"}
        both = {"expires_after": "2026-03-02T00:00:00Z", "expires_before": "2026-03-22T00:00:00Z"}
        assert shelf.found(**both) == {"alpha", "gamma1"}

    def test_beginnings(self, shelf: Shelf) -> None:
        """Tokens are found by the day on which they were made."""
        assert shelf.found(created_before="2026-03-02T00:00:00Z") == {"gamma1"}
        assert shelf.found(created_after="2026-03-03T00:00:00Z") == {"Beta", "gamma_1"}

    def test_unused(self, shelf: Shelf) -> None:
        """Unused for ninety days are those that were not used since, or never and are older (G12e).

        A token that was made yesterday and not used yet is not among them.
        """
        shelf.hall.clock.move_on(days=89)
        shelf.use("alpha")
        since = (shelf.hall.clock() - 90 * DAY).isoformat().replace("+00:00", "Z")
        assert shelf.found(last_used_before=since) == {"Beta", "gamma_1"}
        shelf.hall.clock.move_on(days=2)
        since = (shelf.hall.clock() - 90 * DAY).isoformat().replace("+00:00", "Z")
        assert shelf.found(last_used_before=since) == {"Beta", "gamma_1", "gamma1"}
        assert shelf.found(last_used_before="2026-03-03T00:00:00Z") == set()

    def test_used_lately(self, shelf: Shelf) -> None:
        """Used since an instant are those whose last use is not before it (G12g)."""
        shelf.hall.clock.move_on(days=3)
        then = shelf.hall.clock().isoformat().replace("+00:00", "Z")
        shelf.use("alpha")
        assert shelf.found(last_used_after=then) == {"alpha"}

    def test_long_over(self, shelf: Shelf) -> None:
        """What was over before an instant is left out: expired, revoked and denied alike (G6)."""
        with shelf.agency.acting(shelf.agency.dan) as work:
            revoke(work, shelf.ids["gamma_1"])
        shelf.hall.clock.move_on(days=100)
        since = (shelf.hall.clock() - 90 * DAY).isoformat().replace("+00:00", "Z")
        long_over = {"gamma_1"} | (shelf.found(state="expired") - shelf.found(expires_after=since))
        every = shelf.found()
        assert shelf.found(over_after=since) == every - long_over
        assert long_over
        assert shelf.found(over_after="2026-03-01T00:00:00Z") == every

    def test_used(self, shelf: Shelf) -> None:
        """Whether a token was ever used is a filter of its own (G12e)."""
        assert shelf.found(used="true") == {"alpha", "gamma1"}
        assert shelf.found(used="false") == {"Beta", "gamma_1"}

    def test_flagged(self, shelf: Shelf) -> None:
        """Flagged are those with a flag that nobody has dismissed (G12h)."""
        whose = flags.Whose(shelf.agency.id, shelf.ids["Beta"])
        with shelf.hall.database.transaction() as tx:
            flags.put(tx, whose, Flag(Reason.NEW_CLIENT, "why", START, START, 1))
        assert shelf.found(flagged="true") == {"Beta"}
        assert shelf.found(flagged="false") == {"alpha", "gamma1", "gamma_1"}
        assert shelf.door()("DELETE", f"{PATH}/{whose.token_id}/flags").status_code == 200
        assert shelf.found(flagged="true") == set()

    def test_everybody_s(self, shelf: Shelf) -> None:
        """An admin's list of everybody's tokens takes the same filters; a member has none."""
        shelf.agency.granted(shelf.agency.rea, "alpine")
        query = urlencode({"filter[owner]": "all", "filter[query]": "alp", "sort": "-name"})
        admin = shelf.agency.door(shelf.agency.caller(shelf.agency.ada))
        assert names_of(admin("GET", PATH, query=query).json) == ["alpine", "alpha"]
        assert shelf.door()("GET", PATH, query=query).status_code == 403

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("filter[colour]", "red"),
            ("filter[state]", "sleeping"),
            ("filter[expires_before]", "tomorrow"),
            ("filter[created_after]", "2026-03-01"),
            ("filter[last_used_before]", "90d"),
            ("filter[used]", "maybe"),
            ("filter[flagged]", "1"),
            ("filter[query]", " "),
            ("filter[query]", "x" * 101),
            ("sort", "owner"),
            ("sort", "--name"),
            ("sort", "name,created_at"),
        ],
    )
    def test_bad_ones(self, shelf: Shelf, name: str, value: str) -> None:
        """What no list understands is a 400 that names the parameter."""
        for path in (PATH, "/cma/api_tokens"):
            door = shelf.agency.door(shelf.agency.caller(shelf.agency.ada))
            answer = door("GET", path, query=urlencode({name: value}))
            assert (answer.status_code, code(answer)) == (400, "INVALID_REQUEST")
            assert name in answer.json["errors"][0]["detail"]


class TestOrders:
    @pytest.mark.parametrize("key", NAMES)
    @pytest.mark.parametrize("size", [1, 3])
    def test_both_ways(self, shelf: Shelf, key: str, size: int) -> None:
        """Each key sorts up and down, and pages of any size hold every token once.

        What never ends comes last, what was never used first; equal ones go by their ids.
        """
        expected = NAMES[key]
        if key == "last_used_at":  # two were never used: their ids decide
            expected = sorted(expected[:2], key=shelf.ids.__getitem__) + expected[2:]
        query = {"sort": key, "page[size]": str(size)}
        assert pages(shelf.door(), PATH, query) == expected
        query["sort"] = f"-{key}"
        assert pages(shelf.door(), PATH, query) == expected[::-1]

    def test_the_newest_first(self, shelf: Shelf) -> None:
        """Without an order a list begins with the newest."""
        assert shelf.listed({}) == NAMES["created_at"][::-1]

    def test_a_cursor_is_of_one_order(self, shelf: Shelf) -> None:
        """A cursor goes on in the list and order that gave it, and in no other (S35)."""
        first = shelf.door()("GET", PATH, query="sort=name&page[size]=1").json
        further = urlsplit(first["links"]["next"]).query
        for other in ("-name", "created_at", "last_used_at"):
            moved = further.replace("sort=name", f"sort={other}")
            assert shelf.door()("GET", PATH, query=moved).status_code == 400
        assert shelf.door()("GET", PATH, query=f"{further}&filter[used]=true").status_code == 400

    def test_what_changes_meanwhile(self, shelf: Shelf) -> None:
        """A token that is renamed between two pages ends no list and repeats no other token."""
        first = shelf.door()("GET", PATH, query="sort=name&page[size]=2").json
        assert names_of(first) == ["alpha", "Beta"]
        path = f"{PATH}/{shelf.ids['Beta']}"
        assert shelf.door()("PATCH", path, {"name": "zeta"}).status_code == 200
        further = urlsplit(first["links"]["next"]).query
        assert names_of(shelf.door()("GET", PATH, query=further).json) == ["gamma1", "gamma_1"]

    def test_names_of_any_script(self, shelf: Shelf) -> None:
        """Names in other letters, and with quotes, are sorted and paged like all others."""
        for name in ("Ähre", "日本", 'quo"te', "back\\slash", "emoji 🎟"):
            shelf.agency.granted(shelf.agency.dan, name)
        once = shelf.listed({"sort": "name"})
        assert len(once) == 9
        assert pages(shelf.door(), PATH, {"sort": "name", "page[size]": "1"}) == once


class TestApiTokens:
    @pytest.fixture
    def admin(self, agency: Agency) -> Door:
        for name in ("build", "site", "preview"):
            agency.api_token(name=name)
            agency.hall.clock.move_on(days=1)
        return agency.door(agency.caller(agency.ada))

    def test_our_own_list(self, admin: Door) -> None:
        """API tokens are filtered, sorted and paged as personal ones are."""
        query = {"sort": "name", "filter[query]": "i", "page[size]": "1"}
        assert pages(admin, "/cma/api_tokens", query) == ["build", "preview", "site"]
        query = {"filter[created_after]": "2026-03-02T00:00:00Z", "sort": "created_at"}
        assert pages(admin, "/cma/api_tokens", query) == ["site", "preview"]

    def test_the_vendor_s_list(self, admin: Door) -> None:
        """DatoCMS's list stays as it is, and takes our filters besides (D15)."""
        plain = names_of(admin("GET", "/access_tokens").json)
        assert plain[-3:] == ["build", "site", "preview"]
        query = urlencode({"sort": "-name", "filter[query]": "i", "filter[used]": "false"})
        found = names_of(admin("GET", "/access_tokens", query=query).json)
        assert found == sorted(plain, reverse=True)
        assert admin("GET", "/access_tokens", query="filter[state]=active").status_code == 400


class TestFields:
    """A list shows the members that are asked for, and all of them to who asks for none."""

    def test_some(self, shelf: Shelf) -> None:
        """`fields[…]` leaves the type, the id and what it names, attributes and relationships."""
        query = {"fields[personal_access_token]": "name,owner", "page[size]": "2", "sort": "name"}
        page = shelf.door()("GET", PATH, query=urlencode(query)).json
        assert [one["attributes"] for one in page["data"]] == [{"name": "alpha"}, {"name": "Beta"}]
        assert {tuple(one["relationships"]) for one in page["data"]} == {("owner",)}
        assert {one["type"] for one in page["data"]} == {"personal_access_token"}
        assert pages(shelf.door(), PATH, query) == NAMES["name"]

    def test_none_and_all(self, shelf: Shelf) -> None:
        """An empty list of members leaves none, and no parameter leaves all."""
        query = urlencode({"fields[personal_access_token]": ""})
        bare = shelf.door()("GET", PATH, query=query).json["data"][0]
        assert (bare["attributes"], bare["relationships"]) == ({}, {})
        assert len(shelf.door()("GET", PATH).json["data"][0]["attributes"]) > 15

    def test_api_tokens(self, shelf: Shelf) -> None:
        """API tokens have it too, under their own name."""
        shelf.agency.api_token()
        admin = shelf.agency.door(shelf.agency.caller(shelf.agency.ada))
        query = urlencode({"fields[api_token]": "token_hint"})
        (first, *_) = admin("GET", "/cma/api_tokens", query=query).json["data"]
        assert set(first["attributes"]) == {"token_hint"}

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("fields[personal_access_token]", "name,digest"),
            ("fields[personal_access_token]", "id"),
            ("fields[api_token]", "name"),
        ],
    )
    def test_unknown_ones(self, shelf: Shelf, name: str, value: str) -> None:
        """A member that there is none of is a 400 that names the parameter."""
        answer = shelf.door()("GET", PATH, query=urlencode({name: value}))
        assert (answer.status_code, code(answer)) == (400, "INVALID_REQUEST")
        assert name in answer.json["errors"][0]["detail"]


def test_tokens_are_counted_everywhere() -> None:
    """The names by which a list is sorted are all of its keys."""
    assert set(NAMES) == set(tokens.sought.Key)

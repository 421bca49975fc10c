"""What a token was used for, as its owner and admins see it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import Outcome
from counterfoil.kernel.ids import TokenId
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.usage_model import HOUR, TOP, Bucket, Range, report
from support.office import START, StandingClock
from support.tokens import Agency, Door, Hall, code

PATH = "/cma/personal_access_tokens"
Seen: TypeAlias = tuple[int, Outcome, Surface, int, int]


def used(hour: datetime, count: int = 1, client: str = "curl/8", **more: Any) -> Bucket:
    said = {"surface": Surface.DELIVERY, "outcome": Outcome.ALLOWED, "network": "x", **more}
    return Bucket(hour=hour, client=client, count=count, **said)


class TestReport:
    @pytest.mark.parametrize(
        ("range_", "pieces", "step"), [("24h", 24, 1), ("7d", 28, 6), ("30d", 30, 24)]
    )
    def test_pieces(self, range_: str, pieces: int, step: int) -> None:
        """A range is cut into whole pieces of UTC, the last of which holds this moment (G12g)."""
        now = datetime(2026, 3, 29, 17, 40, tzinfo=UTC)
        found = report(Range(range_), now, [])
        assert len(found.pieces) == pieces
        gaps = {after.at - one.at for one, after in pairwise(found.pieces)}
        assert gaps == {step * HOUR}
        assert found.pieces[-1].at <= now < found.until
        assert found.since == found.pieces[0].at
        assert found.pieces[-1].at.hour % step == 0

    @given(
        st.sampled_from(Range),
        st.lists(
            st.tuples(
                st.integers(0, 800), st.sampled_from(Outcome), st.sampled_from(Surface),
                st.integers(0, 20), st.integers(1, 9),
            ),
            max_size=60,
        ),
    )  # fmt: skip
    def test_sums(self, range_: Range, seen: Iterable[Seen]) -> None:
        """Pieces, outcomes and surfaces each add up to what was counted in the range (G12g)."""
        buckets = [
            used(START - ago * HOUR, count, f"c/{client}", outcome=outcome, surface=surface)
            for ago, outcome, surface, client, count in seen
        ]
        found = report(range_, START, buckets)
        total = sum(one.count for one in buckets if one.hour >= found.since)
        assert sum(found.totals.values()) == total
        assert sum(one.count for one in found.surfaces) == total
        assert sum(sum(one.counts.values()) for one in found.pieces) == total
        assert len(found.clients) <= TOP
        assert sum(one.count for one in found.clients) <= total
        assert all(0 <= one.refused <= one.count for one in found.clients)

    def test_the_busiest_first(self) -> None:
        """Clients come in the order of how much they asked, with how much was refused (G12g)."""
        found = report(
            Range.DAY,
            START,
            [
                used(START, 3, "a"),
                used(START, 9, "b"),
                used(START, 2, "a", outcome=Outcome.EXPIRED),
            ],
        )
        assert [(one.name, one.count, one.refused) for one in found.clients] == [
            ("b", 9, 0),
            ("a", 5, 2),
        ]


class TestDoor:
    @pytest.fixture
    def owner(self, agency: Agency) -> Door:
        return agency.door(agency.caller(agency.dan))

    def test_a_day(self, agency: Agency, hall: Hall, owner: Door, clock: StandingClock) -> None:
        """The owner sees totals, an hour at a time, clients, and the last use (G12g)."""
        made = agency.granted(agency.dan)
        asked = agency.door(made.secret)
        for path in ("/cma/token", "/cma/token", "/cma/api_tokens"):
            asked.raw("GET", path, headers={"User-Agent": "curl/8.5.0"})
        hall.tally.flush()
        clock.move_on(hours=2)
        shown = owner("GET", f"{PATH}/{made.token.id}/usage").json["data"]
        facts = shown["attributes"]
        assert (shown["type"], shown["id"]) == ("token_usage", str(made.token.id))
        assert (facts["range"], facts["total"], facts["step_seconds"]) == ("24h", 3, 3600)
        assert {name: count for name, count in facts["totals"].items() if count} == {
            "allowed": 2,
            "forbidden": 1,
        }
        assert facts["surfaces"] == {"delivery": 0, "preview": 0, "management": 3, "gate": 0}
        busy = [one for one in facts["buckets"] if any(one["counts"].values())]
        assert [(one["at"], one["counts"]["allowed"]) for one in busy] == [
            ("2026-03-01T12:00:00Z", 2)
        ]
        assert facts["clients"] == [{"name": "curl/8.5.0", "count": 3, "refused": 1}]
        assert facts["last_used_at"] == "2026-03-01T12:00:00Z"

    @pytest.mark.parametrize(("range_", "total"), [("24h", 0), ("7d", 0), ("30d", 1)])
    def test_ranges(self, agency: Agency, clock: StandingClock, range_: str, total: int) -> None:
        """A longer range reaches further back (G12g)."""
        made = agency.granted(agency.dan)
        agency.door(made.secret)("GET", "/cma/token")
        agency.hall.tally.flush()
        clock.move_on(days=10)
        path = f"{PATH}/{made.token.id}/usage"
        seen = agency.door(agency.caller(agency.dan))("GET", path, query=f"range={range_}").json
        assert seen["data"]["attributes"]["total"] == total

    def test_who_may_see_it(self, agency: Agency, owner: Door) -> None:
        """Whoever may not see the token does not see what it is used for (A24)."""
        made = agency.granted(agency.dan)
        path = f"{PATH}/{made.token.id}/usage"
        assert owner("GET", path).status_code == 200
        assert agency.door(agency.caller(agency.ada))("GET", path).status_code == 200
        assert agency.door(agency.caller(agency.rea))("GET", path).status_code == 404
        assert agency.door(made.secret)("GET", path).status_code == 403
        assert owner("GET", f"{PATH}/4031846205310216/usage").status_code == 404
        with agency.acting(agency.dan) as work:
            revoke(work, made.token.id)
        assert owner("GET", path).status_code == 200

    def test_bad_input(self, agency: Agency, owner: Door) -> None:
        """An unknown range is a clear 400 that names the parameter."""
        made = agency.granted(agency.dan)
        answer = owner("GET", f"{PATH}/{made.token.id}/usage", query="range=1y")
        assert (answer.status_code, code(answer)) == (400, "INVALID_REQUEST")
        assert "range" in answer.json["errors"][0]["detail"]

    def test_api_tokens_and_pairs(self, agency: Agency, hall: Hall) -> None:
        """API tokens and pairs have theirs, for who manages them (A23)."""
        made = agency.api_token("admin")
        agency.door(made.secret).raw("GET", "/cma/token")
        hall.tally.flush()
        admin, path = agency.door(agency.caller(agency.ada)), f"/cma/api_tokens/{made.token.id}"
        assert admin("GET", f"{path}/usage").json["data"]["attributes"]["total"] == 1
        assert agency.door(agency.caller(agency.dan))("GET", f"{path}/usage").status_code == 403
        assert admin("DELETE", path).status_code == 200
        assert admin("GET", f"{path}/usage").status_code == 404
        pair = self._pair(admin, agency.roles["admin"].id)
        seen = admin("GET", f"/cma/key_pairs/{pair}/usage").json["data"]["attributes"]
        assert (seen["total"], seen["last_used_at"]) == (0, None)

    @staticmethod
    def _pair(admin: Door, role: int) -> TokenId:
        made = admin(
            "POST", "/cma/key_pairs", {"name": "build", "scopes": ["content:read"]},
            type_="key_pair",
            relationships={"role": {"data": {"type": "role", "id": str(role)}}},
        )  # fmt: skip
        return TokenId(int(made.json["data"]["id"]))


def test_a_day_is_a_day() -> None:
    """The ranges are as long as they are called."""
    assert [one.span for one in Range] == [timedelta(days=days) for days in (1, 7, 30)]

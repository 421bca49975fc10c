"""What went through the gate to somebody else's API, in the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from counterfoil.kernel.clock import micros, system_clock
from infra.wait import wait_until
from support.browse import At
from support.decisions import journal_in, rows
from support.shop import SHOP


def test_it_stands_in_the_trail_and_with_the_token(
    browse: Callable[..., At], own: Path, tokens: dict[str, str]
) -> None:
    """The audit log says who passed to which route of which API, and the token's page too (X2)."""
    kept = json.loads((own / "sample.json").read_text())
    who = {
        "organization": int(kept["organization"]["id"]),
        "user": int(kept["users"]["Ann"]),
        "token": int(tokens["dx-cli-laptop"]),
        "token_name": "dx-cli-laptop",
        "at": micros(system_clock()),
    }
    journal_in(own).append(
        [
            *rows("passed", route="GET /items/{item}", **who),
            *rows("refused", route="PUT /items/{item}", changes=True,
                  outcome="INSUFFICIENT_SCOPE", **who),
        ]
    )  # fmt: skip
    at = browse("Ann")
    events = at.page.locator(".event-said")

    def arrived() -> bool:
        at.goto(f"/audit?api={SHOP}&show=all")
        return events.count() == 2

    wait_until(arrived, "the rows to come into the trail")
    expect(events.last).to_contain_text("via dx-cli-laptop passed the gate to read")
    expect(events.first).to_contain_text("was refused gate.act on")
    events.last.click()
    expect(at.page.locator(".event").last).to_contain_text("GET /items/{item}")
    at.accessible()
    at.shot("through-the-gate")
    at.goto(f"/tokens/{tokens['dx-cli-laptop']}/usage")
    table = at.page.get_by_role("region", name=re.compile("The last .* requests"))
    refused = table.get_by_role("row").filter(has_text="PUT /items/{item}")
    refused.get_by_text("Refused").click()
    expect(refused).to_contain_text("It lacks the scope that this route asks for.")

"""What a Content API Token reads as nodes move, links are laid, and its user's roles change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from infra.server import Server
from support.browse import At, seen_in_time
from support.colleague import Colleague, colleague
from support.sample import Sample, Talker
from support.web import forget_api_tokens
from web.test_web_api_manager import leave, make, open_token, reads
from web.test_web_content_tokens import choose_roots


@pytest.fixture(autouse=True)
def tidy(own: Path, tokens: dict[str, str]) -> Iterator[None]:
    """Leave the API tokens that there were."""
    yield
    forget_api_tokens(own, tokens.values())


@dataclass(frozen=True)
class Plot:
    """A folder of one test, in which it makes and moves what it likes."""

    talk: Talker
    sample: Sample
    folder: str
    path: str

    def place(self, parent: str, slug: str, target: str | None = None) -> str:
        """Make a folder, or a link to a target; return its id."""
        ends = {"parent": {"data": {"type": "node", "id": parent}}}
        kind = "folder"
        if target is not None:
            kind, ends["target"] = "link", {"data": {"type": "node", "id": target}}
        facts = {"kind": kind, "slug": slug}
        data = {"type": "node", "attributes": facts, "relationships": ends}
        return self._made("/cma/nodes", {"data": data})

    def page(self, parent: str, slug: str) -> str:
        """Make an item that is published; return its id."""
        kind = self.sample.told["content_types"]["page"]
        ends = {"parent": {"type": "node", "id": parent}}
        ends["item_type"] = {"type": "item_type", "id": kind}
        data = {"type": "item", "attributes": {"title": slug}, "meta": {"slug": slug}}
        data["relationships"] = {name: {"data": end} for name, end in ends.items()}
        id_ = self._made("/cma/items", {"data": data})
        assert self.talk("PUT", f"/cma/items/{id_}/publish").status == 200
        return id_

    def move(self, node: str, parent: str) -> None:
        """Move a node below another."""
        ends = {"parent": {"data": {"type": "node", "id": parent}}}
        body = {"data": {"type": "node", "id": node, "relationships": ends}}
        assert self.talk("PATCH", f"/cma/nodes/{node}", body).status == 200

    def _made(self, path: str, body: object) -> str:
        said = self.talk("POST", path, body)
        assert said.status == 201, said.body
        id_: str = said.body["data"]["id"]
        return id_


@pytest.fixture
def plot(house: Server, seeded: Sample) -> Plot:
    """A new folder below /site."""
    talk = Talker(house.port).bearing(seeded.token("manager"))
    slug = f"yard-{uuid4().hex[:6]}"
    around = Plot(talk, seeded, seeded.told["nodes"]["/site"], "/site")
    return Plot(talk, seeded, around.place(around.folder, slug), f"/site/{slug}")


@pytest.fixture
def cleo(own: Path, house: Server) -> Colleague:
    """Somebody whom no other test knows, who reads."""
    return colleague(own, f"Cleo {uuid4().hex[:6]}", "reader").arrives(house.url)


def test_it_reads_what_moves_into_its_roots(
    browse: Callable[..., At], house: Server, plot: Plot
) -> None:
    """Of several roots, at any depth, each is judged by where nodes stand at that request.

    (Q10, Q12, Q13)
    """
    near, aside = plot.place(plot.folder, "near"), plot.place(plot.folder, "aside")
    deep = plot.place(plot.place(near, "deep"), "deeper")
    own_root = plot.place(plot.folder, "other-root")
    folder = plot.place(aside, "stall")
    item = plot.page(folder, "offer")
    at = browse("Ann")
    secret = make(at, "movers", "Rita")
    leave(at)
    choose_roots(at, f"{plot.path}/near/deep/deeper", f"{plot.path}/other-root")
    things = (f"/cda/nodes/{folder}", f"/cda/items/{item}")

    def seen() -> list[int]:
        return [reads(house, secret, one) for one in things]

    assert [reads(house, secret, f"/cda/nodes/{one}") for one in (deep, near)] == [200, 403]
    assert seen() == [403, 403]
    for parent, status in ((deep, 200), (near, 403), (own_root, 200), (aside, 403)):
        plot.move(folder, parent)
        assert seen() == [status, status]
    plot.move(deep, aside)
    plot.move(folder, deep)
    assert seen() == [200, 200]
    open_token(at, "movers")
    facts = at.page.locator(".facts").first
    expect(facts).to_contain_text(f"{plot.path}/aside/deeper")
    expect(facts).to_contain_text(f"{plot.path}/other-root")
    at.shot("content-token-moved")


def test_a_link_opens_nothing(browse: Callable[..., At], house: Server, plot: Plot) -> None:
    """What a link points at is judged at its own place, and so is the link, when either moves.

    (Q13, S28)
    """
    root, aside = plot.place(plot.folder, "root"), plot.place(plot.folder, "aside")
    inside, outside = plot.page(root, "inside"), plot.page(aside, "outside")
    leads_out = plot.place(root, "leads-out", outside)
    leads_in = plot.place(aside, "leads-in", inside)
    within = plot.place(root, "within", inside)
    at = browse("Ann")
    secret = make(at, "links", "Rita")
    leave(at)

    def seen() -> dict[str, int]:
        ids = {"leads_in": leads_in, "leads_out": leads_out, "within": within}
        told = {name: reads(house, secret, f"/cda/nodes/{one}") for name, one in ids.items()}
        items = {"inside": inside, "outside": outside}
        return told | {
            name: reads(house, secret, f"/cda/items/{id_}") for name, id_ in items.items()
        }

    def only(*names: str) -> dict[str, int]:
        return {name: 200 if name in names else 403 for name in seen()}

    assert set(seen().values()) == {200}
    choose_roots(at, f"{plot.path}/root")
    assert seen() == only("within", "inside")
    plot.move(outside, root)
    assert seen() == only("within", "inside", "leads_out", "outside")
    plot.move(leads_in, root)
    assert set(seen().values()) == {200}
    plot.move(inside, aside)
    assert seen() == only("leads_out", "outside")


def test_its_user_s_roles_act_at_once(
    browse: Callable[..., At], house: Server, seeded: Sample, cleo: Colleague
) -> None:
    """Roles that its user loses and gets count for it from the next request on (Q6, Q18)."""
    at = browse("Ann")
    secret = make(at, f"by-{cleo.name}", cleo.name)
    assert reads(house, secret) == 200
    for off, on, status in (("reader", "tokens_only", 403), ("tokens_only", "reader", 200)):
        at.goto(f"/people/{cleo.user}")
        for role, held in ((off, False), (on, True)):
            box = at.page.locator(f"[name=roles][value='{seeded.told['roles'][role]}']")
            box.set_checked(held)
        at.page.get_by_role("button", name="Save roles").click()
        expect(at.page.get_by_role("status").first).to_contain_text("from the next request on")
        assert reads(house, secret) == status


def test_the_log_names_user_token_and_maker(
    browse: Callable[..., At], house: Server, cleo: Colleague
) -> None:
    """Of what it does the audit log says as whom, by which token, and who made that (Q18)."""
    at = browse("Ann")
    name = f"made-for-{cleo.name}"
    secret = make(at, name, cleo.name)
    assert reads(house, secret) == 200
    at.goto(f"/audit?show=all&actor={cleo.user}&operation=delivery.list")
    entry = at.page.locator(".event").filter(has_text=name).first
    seen_in_time(at, entry)
    expect(entry.locator(".event-said")).to_contain_text(f"{cleo.name} via {name}")
    entry.locator("summary").first.click()
    for term, said in (("Actor", cleo.name), ("Token", name), ("Token made by", "Ann")):
        fact = entry.get_by_role("term").filter(has_text=term).first.locator("..")
        expect(fact).to_contain_text(said)
    at.accessible()
    at.shot("audit-three-names")

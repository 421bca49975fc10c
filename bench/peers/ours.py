"""Counterfoil: one worker process, an organization with the articles, an API token for delivery."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from bench.peers.articles import FIELDS, SCHEMA
from bench.peers.process import free_port, running
from bench.peers.subject import PAGE, Question, Subject
from counterfoil.access.caller import Origin
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content.define_type import create_content_type
from counterfoil.content.publish import publish
from counterfoil.content.tree import create_folder
from counterfoil.content.write import create_entry
from counterfoil.demo.seed import Seeder, signed_in
from counterfoil.directory.define_role import create_role
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.migrations import migrate
from counterfoil.runtime.settings import Settings
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.wish import Wish

_MACHINE: Final = Origin("bench")
_SCHEMA_ID: Final = "https://schemas.example.com/article.json"


@contextmanager
def counterfoil(
    folder: Path, articles: list[dict[str, Any]], *, anew: bool = False
) -> Iterator[Subject]:
    """Serve the articles; with `anew` no answer stands ready, and each is read."""
    settings = Settings(folder)
    settings.prepare()
    migrate(settings.url)
    with closing(Seeder(settings)) as seeder:
        token, ids = _seed(seeder, articles)
    port = free_port()
    program = Path(sys.executable).with_name("counterfoil")
    options = ["--data-dir", str(folder), "--port", str(port), "--workers", "1"]
    env = {"COUNTERFOIL_READY_MB": "0"} if anew else {}
    with running([program, "serve", *options], folder, port, "/readyz", env) as pid:
        yield Subject("Reading anew" if anew else "Counterfoil", port, pid, token, _questions(ids))


def _seed(seeder: Seeder, articles: list[dict[str, Any]]) -> tuple[str, list[str]]:
    founded = seeder.founded(Newcomer("Ann", "ann@example.com"))
    admin = signed_in(founded.admin)
    with seeder.office.work(admin, _MACHINE) as work:
        role = create_role(work, "delivery", scopes(Scope.CONTENT_READ))
    with seeder.office.work(admin, _MACHINE) as work:
        place = create_folder(work, founded.organization.root, "articles").id
        type_ = create_content_type(work, "article", "Article", _SCHEMA_ID, SCHEMA).id
        ids = []
        for number, article in enumerate(articles, 1):
            made = create_entry(work, place, type_, article, f"article-{number}")
            ids.append(str(publish(work, made.id).id))
    wish = Wish(
        "reader",
        inherit=True,
        surfaces=Surface.DELIVERY.bit,
        authority="role",
        subject=role.id,
    )
    with seeder.office.work(admin, _MACHINE) as work:
        return create_api_token(work, wish).secret.reveal(), ids


def _questions(ids: list[str]) -> dict[str, Question]:
    query = f"{{ allArticles(first: {PAGE}) {{ id {' '.join(FIELDS)} }} }}"
    return {
        "one": Question(
            [(f"/cda/items/{id_}", "") for id_ in ids],
            lambda answer: [answer["data"]["attributes"]["title"]],
        ),
        "list": Question(
            [(f"/cda/items?filter%5Btype%5D=article&page%5Bsize%5D={PAGE}", "")],
            lambda answer: [one["attributes"]["title"] for one in answer["data"]],
        ),
        "graphql": Question(
            [("/graphql", json.dumps({"query": query}))],
            lambda answer: [one["title"] for one in answer["data"]["allArticles"]],
        ),
    }

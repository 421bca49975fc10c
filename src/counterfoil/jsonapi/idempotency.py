"""Idempotency-Key: a create that is sent twice happens once (CONTRACT: idempotency).

1. A claim on the key is written: who, where, which body, and a nonce.
2. The door acts. Its transaction turns the claim into the answer, if the nonce is still in it, and
   commits both together. So there is no effect without its answer, nor the other way round.
3. Whoever comes again gets that answer, without the secret.

If the process dies before its commit, the claim lapses after some seconds and the next comer takes
it over under a nonce of its own; should the first have been slow and not dead, it finds the nonce
gone and rolls back.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import msgspec
from msgspec import structs
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.audit.deed import Committed
from counterfoil.gate.position import POSITION_HEADER
from counterfoil.jsonapi.again import tried
from counterfoil.jsonapi.effect import on_record
from counterfoil.jsonapi.given import Effect
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Conflict, Invalid, Malformed
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.runtime.database import Database, Instant, metadata
from counterfoil.runtime.witness import NOBODY
from counterfoil.secret import ANYWHERE

KEPT: Final = timedelta(hours=24)
LAPSE: Final = timedelta(seconds=10)
_FORM: Final = re.compile(r"[\x21-\x7e]{16,255}")

table: Final = Table(
    "idempotency",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("caller", String(40), primary_key=True),
    Column("route", String(300), primary_key=True),
    Column("key_digest", LargeBinary(32), primary_key=True),
    Column("body_digest", LargeBinary(32), nullable=False),
    Column("nonce", LargeBinary(16), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer),
    Column("answer", LargeBinary),
)


class _Kept(msgspec.Struct, frozen=True):
    """An answer as it is kept; `tells` if its `meta` says where the change holds."""

    headers: dict[str, str]
    body: Any
    secret: bool
    sight: str = ""
    again: str = "meta"
    tells: bool = False


@dataclass(frozen=True, slots=True)
class _Claim:
    organization: int
    caller: str
    route: str
    key_digest: bytes
    body_digest: bytes
    nonce: bytes
    sight: str

    def row(self) -> Any:  # noqa: ANN401 - a condition
        c = table.c
        return (
            (c.organization_id == self.organization)
            & (c.caller == self.caller)
            & (c.route == self.route)
            & (c.key_digest == self.key_digest)
        )


def once(
    route: Route, asked: Asked, path: str, committed: Sequence[Committed] | None = None
) -> Answer:
    """Let a door answer, once for each key that a caller gives it.

    If the database ended that in favour of another one, it is done again, unless something was
    `committed` before; where nobody says what was, it is not.
    """
    act = partial(_once, route, asked, path)
    return act() if committed is None else tried(act, committed)


def _once(route: Route, asked: Asked, path: str) -> Answer:
    """Let a door answer, once for each key that a caller gives it.

    Of the address a digest is kept, since whoever asks chose what stands in it (S9); its query
    counts as the body does.
    """
    key = asked.headers.get("idempotency-key")
    if key is None:
        return route.handle(asked)
    if _FORM.fullmatch(key) is None:
        raise Malformed(
            Code.INVALID_REQUEST, "An Idempotency-Key has 16 to 255 visible ASCII characters."
        )
    office = asked.office
    now = office.clock()
    who = asked.caller.user if asked.caller.method is Method.SESSION else asked.caller.token
    claim = _Claim(
        asked.caller.organization,
        f"{asked.caller.method}:{who}",
        hashlib.sha256(f"{route.method} {path}".encode()).hexdigest(),
        hashlib.sha256(key.encode("ascii")).digest(),
        hashlib.sha256(_query(asked) + asked.raw).digest(),
        office.entropy(16),
        _sight(asked.caller.grant),
    )
    earlier = _claim(office.database, claim, now)
    if earlier is not None:
        return earlier
    try:
        return _act(route, asked, claim)
    except BaseException:
        with office.database.transaction(NOBODY) as tx:
            tx.execute(
                delete(table).where(
                    claim.row() & (table.c.nonce == claim.nonce) & table.c.status.is_(None)
                )
            )
        raise


def sweep(database: Database, now: datetime) -> int:
    """Forget what is older than a day; return how many."""
    with database.transaction(NOBODY) as tx:
        return tx.execute(delete(table).where(table.c.at < now - KEPT)).rowcount


def _claim(database: Database, claim: _Claim, now: datetime) -> Answer | None:
    """Claim a key; return the answer that it was given before, if any."""
    values = {
        "body_digest": claim.body_digest,
        "nonce": claim.nonce,
        "at": now,
        "status": None,
        "answer": None,
    }
    key = {
        "organization_id": claim.organization,
        "caller": claim.caller,
        "route": claim.route,
        "key_digest": claim.key_digest,
    }
    try:
        with database.transaction(NOBODY) as tx:
            row = tx.execute(select(table).where(claim.row()).with_for_update()).one_or_none()
            if row is None:
                tx.execute(insert(table).values(**key, **values))
                return None
            if row.at < now - KEPT or (row.status is None and row.at < now - LAPSE):
                tx.execute(update(table).where(claim.row()).values(**values))
                return None
    except IntegrityError:  # a twin was quicker
        raise _in_flight() from None
    if row.body_digest != claim.body_digest:
        raise Invalid(Code.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key is another request's.")
    if row.status is None:
        raise _in_flight()
    kept = msgspec.json.decode(row.answer, type=_Kept)
    if kept.sight != claim.sight:
        raise Conflict(
            Code.CONFLICT,
            "This was done before, and what you may see has changed since: look up what is there.",
        )
    return _replayed(row.status, kept)


def _act(route: Route, asked: Asked, claim: _Claim) -> Answer:
    with ExitStack() as stack:
        held = _Held(stack)
        answer = route.handle(replace(asked, begin=held.begin))
        if held.begun is not None:
            held.begun.stamps.append(partial(_keep, held.begun, claim, answer))
    if held.begun is not None and held.begun.position is not None:
        return _placed(answer, held.begun.position, held.begun.entry)
    if held.begun is None:  # nothing was done, so there is nothing to repeat
        with asked.office.database.transaction(NOBODY) as tx:
            tx.execute(delete(table).where(claim.row() & (table.c.nonce == claim.nonce)))
    return answer


class _Held:
    """Work that is committed when the door has answered, and not before."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.begun: Work | None = None

    @contextmanager
    def begin(self, office: Office, caller: Caller, origin: Origin) -> Iterator[Work]:
        """Begin the one work of this door."""
        if self.begun is not None:
            message = "a door that honours Idempotency-Key begins one work"
            raise RuntimeError(message)
        self.begun = self._stack.enter_context(office.work(caller, origin))
        yield self.begun


def _keep(work: Work, claim: _Claim, answer: Answer, position: int) -> None:
    placed = msgspec.json.encode(_placed(answer, position, work.entry).body)
    body = _without_secrets(msgspec.json.decode(placed))  # some of it may be JSON already
    headers = {POSITION_HEADER: str(position), **answer.headers}
    kept = _Kept(headers, body, answer.secret, claim.sight, answer.again, tells=_tells(answer.body))
    done = work.tx.execute(
        update(table)
        .where(claim.row() & (table.c.nonce == claim.nonce))
        .values(status=answer.status, answer=msgspec.json.encode(kept))
    )
    if done.rowcount != 1:
        raise _in_flight()


def _placed(answer: Answer, position: int, entry: int | None) -> Answer:
    """Return an answer with where its write stands, which a door that was held back lacked."""
    answer = on_record(answer, entry)
    body: Any = answer.body
    if not _tells(body):
        return answer
    placed = structs.replace(body.meta, position=position)
    return replace(answer, body=structs.replace(body, meta=placed))


def _tells(body: object) -> bool:
    return isinstance(body, msgspec.Struct) and isinstance(getattr(body, "meta", None), Effect)


def _without_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return None if ANYWHERE.search(value) else value
    if isinstance(value, dict):
        return {name: _without_secrets(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(member) for member in value]
    return value


def _replayed(status: int, kept: _Kept) -> Answer:
    body = kept.body
    if not kept.again:
        return Answer(status, body, kept.headers, secret=kept.secret)
    effect = msgspec.convert(body["meta"], Effect) if kept.tells else None
    if kept.secret and isinstance(body, dict):
        said = body.get(kept.again) or {}
        meta = {name: told for name, told in said.items() if name != "warning"}
        body = {**body, kept.again: {**meta, "secret_already_shown": True}}
    return Answer(status, body, kept.headers, effect=effect)


def _query(asked: Asked) -> bytes:
    return msgspec.json.encode(sorted(asked.query.values.items()))


def _sight(grant: Grant) -> str:
    """Return a digest of where a grant lets its bearer read, now."""
    seen = [
        sorted(sorted(sorted(roots) for roots in every) for every in grant.reach(scope))
        for scope in (Scope.CONTENT_READ, Scope.ASSETS_READ)
    ]
    return hashlib.sha256(msgspec.json.encode(seen)).hexdigest()


def _in_flight() -> Conflict:
    return Conflict(
        Code.IDEMPOTENCY_IN_FLIGHT, "A request with this Idempotency-Key is still under way."
    )

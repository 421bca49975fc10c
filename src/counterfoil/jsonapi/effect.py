"""Where a change holds that may have taken power away: what its answer says, and whether it waits.

As a rule an answer leaves when the change holds everywhere. Who says `Prefer: respond-async`
(RFC 7240) is answered 202 at once, and told by when it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, get_origin, get_type_hints

from msgspec import structs, to_builtins

from counterfoil.audit.deed import Committed
from counterfoil.feed.receipts import HERE, lingers_s, settle
from counterfoil.gate.lease import LEASE_S
from counterfoil.jsonapi.again import tried
from counterfoil.jsonapi.given import Effect, OnRecord
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.office import Office

PREFER: Final = Parameter(
    "Prefer",
    "`respond-async`: the answer is a 202 that leaves at once, and says by when the change holds "
    "everywhere.",
    {"type": "string"},
    "respond-async",
)
EFFECTIVE_HEADER: Final = "Counterfoil-Effective"
"""Says where a change holds where no body of ours does."""
PROOF: Final = "/cma/audit_events/{}/receipt"
"""Where the proof is asked for that an entry is in the audit trail."""
_ASYNC: Final = "respond-async"
_OK: Final = 200
_ACCEPTED: Final = 202


def may_defer(route: Route) -> bool:
    """Say whether a route answers that a change holds, and can answer before it does."""
    return _ACCEPTED not in route.gives and _tells(route.gives.get(_OK))


def defers(route: Route, headers: Mapping[str, str]) -> bool:
    """Say whether whoever asks would not wait, where that is theirs to choose."""
    wanted = headers.get("prefer")
    if wanted is None:
        return False
    return _ASYNC in {one.strip() for one in wanted.lower().split(",")} and may_defer(route)


def handled(
    route: Route, asked: Asked, committed: Sequence[Committed], *, deferred: bool
) -> Answer:
    """Ask a door, again if its transaction was ended in favour of another; say where that holds.

    What was read of a body that it reads itself is gone, so such a door is asked once.
    """
    act = partial(route.handle, asked)
    answer = act() if route.streams else tried(act, committed)
    return settled(answer, asked.office, committed, deferred=deferred)


def on_record(answer: Answer, entry: int | None) -> Answer:
    """Return an answer that says which entry of the audit trail is about it, if it says such."""
    body: Any = answer.body
    meta: object = getattr(body, "meta", None)
    if entry is None or not isinstance(meta, OnRecord):
        return answer
    told = structs.replace(meta, audit_event=entry, proof=PROOF.format(entry))
    return replace(answer, body=structs.replace(body, meta=told))


def settled(
    answer: Answer, office: Office, committed: Sequence[Committed], *, deferred: bool
) -> Answer:
    """Return an answer that says where the change holds, and which entry is about it.

    What was done before and is told again is waited for as well: who asked first may have been cut
    off while it was.
    """
    if committed:
        answer = on_record(answer, committed[-1].entry)
    meta: object = answer.effect or getattr(answer.body, "meta", None)
    if not isinstance(meta, Effect) or meta.position is None or answer.body is None:
        return answer
    if deferred:
        headers = {**answer.headers, "Preference-Applied": _ASYNC}
        by_s = max(lingers_s(office.receipts, meta.position), LEASE_S)
        return _later(replace(answer, headers=headers), office, by_s, meta)
    _wait(office, meta.position)
    if by_s := lingers_s(office.receipts, meta.position):
        return _later(answer, office, by_s, meta)
    return _saying(answer, structs.replace(meta, effective=office.receipts.reach))


def reached(office: Office, position: int) -> str:
    """Return where all up to a position holds, when it does; what was waited for once, is not.

    It is this host alone while a gate lets reads pass in the grace of an API.
    """
    _wait(office, position)
    return HERE if lingers_s(office.receipts, position) else office.receipts.reach


def _wait(office: Office, position: int) -> None:
    if office.settled < position:
        settle(office.receipts, position)


def _later(answer: Answer, office: Office, by_s: float, meta: Effect) -> Answer:
    """Return an answer that says by when the change holds everywhere."""
    by = office.clock() + timedelta(seconds=by_s)
    status = _ACCEPTED if answer.status == _OK else answer.status
    told = structs.replace(meta, effective=HERE, effective_by=by)
    return _saying(replace(answer, status=status), told)


def _saying(answer: Answer, meta: Effect) -> Answer:
    body: Any = answer.body
    if answer.effect is None:
        return replace(answer, body=structs.replace(body, meta=meta))
    return replace(answer, body={**body, "meta": {**body["meta"], **to_builtins(meta)}})


def _tells(type_: type | None) -> bool:
    if type_ is None:
        return False
    named = get_origin(type_) or type_
    hints = get_type_hints(named) if hasattr(named, "__struct_fields__") else {}
    meta = hints.get("meta")
    return any(
        isinstance(one, type) and issubclass(one, Effect)
        for one in (meta, *getattr(meta, "__args__", ()))
    )

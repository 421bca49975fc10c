"""What may stand in the report of a gate on another host: rules that raise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from counterfoil.access.caller import Method
from counterfoil.gate.record.decided import Batch, Counted, Decided, Exposed, Met, weight_of
from counterfoil.kernel.clock import LATEST_US
from counterfoil.kernel.errors import Code, Malformed, Refused
from counterfoil.kernel.ids import HIGHEST, LOWEST

Found = TypeVar("Found")

_UNWRITABLE: Final = re.compile("[\0\ud800-\udfff]")
_CODE: Final = re.compile(r"[A-Za-z_]{1,40}")
_METHODS: Final = frozenset(set(Method) - {Method.SYSTEM})
_OFTEN: Final = 1 << 32
_DIGEST_BYTES: Final = 32
_LARGEST: Final = 10**16 - 1
"""What a proxy names as an API may be none, if its operator mistyped it: nobody bears it out."""

_NAME_CHARS: Final = 200
_ROUTE_CHARS: Final = 600
_WORD_CHARS: Final = 64
_AGENT_CHARS: Final = 256


ROWS: Final = 2_000
"""A gate tells a thousand rows at a time, and the rest of a batch that has a thousand at most."""
COUNTS: Final = 40_000
"""A gate has counted some less than 34,000 things apart, which it tells in many batches."""
EXPOSED: Final = 100
"""A gate tells of 16 tokens that stood in addresses at a time."""
BATCH: Final = 1_000
"""So much stands in a batch at most: it is taken in within one transaction."""


def known_gate(found: Found | None) -> Found:
    """Return the gate that was found, or what was found with it.

    Raises:
        Refused: if none was.
    """
    if found is None:
        raise unknown()
    return found


def unknown() -> Refused:
    """Return what whoever shows what no gate has is answered."""
    return Refused(Code.INVALID_TOKEN, "No gate is known by this credential.")


def require_bounded(batches: Sequence[Batch]) -> None:
    """Return if a report has no more than a gate of ours ever tells at a time.

    Raises:
        Malformed: naming what there is too much of.
    """
    if any(weight_of(one) > BATCH for one in batches):
        raise Malformed(
            Code.INVALID_REQUEST, f"A batch has {BATCH} rows, counts and secrets at most."
        )
    for name, most, found in (
        ("rows", ROWS, sum(len(one.rows) for one in batches)),
        ("counts", COUNTS, sum(len(one.counts) for one in batches)),
        ("seen", COUNTS, sum(len(one.seen) for one in batches)),
        ("exposed", EXPOSED, sum(len(one.exposed) for one in batches)),
    ):
        if found > most:
            raise Malformed(Code.INVALID_REQUEST, f"A report has {most} {name} at most.")


def require_writable(batches: Iterable[Batch]) -> None:
    """Return if all that batches say can be kept: no gate of ours has ever said more.

    Raises:
        Malformed: naming the first member that cannot.
    """
    for batch in batches:
        for wrong in (
            *(name for row in batch.rows for name in _wrong_in(row)),
            *(name for one in batch.counts for name in _wrong_in_count(one)),
            *(name for one in batch.seen for name in _wrong_in_sight(one)),
            *(name for one in batch.exposed for name in _wrong_in_exposed(one)),
        ):
            raise Malformed(
                Code.INVALID_REQUEST, f"Batch {batch.position} says what no gate says: {wrong}."
            )


def _wrong_in(row: Decided) -> Iterable[str]:
    ids = (row.organization, row.user, row.token, row.issuer, row.node)
    if any(one is not None and not LOWEST <= one <= HIGHEST for one in ids):
        yield "an id"
    if not 0 <= row.api <= _LARGEST:
        yield "an id"
    if not 0 <= row.at <= LATEST_US:
        yield "at"
    if row.method not in _METHODS:
        yield "method"
    if not _CODE.fullmatch(row.outcome):
        yield "outcome"
    yield from _wrong_texts(
        ("token_name", row.token_name, _NAME_CHARS),
        ("route", row.route, _ROUTE_CHARS),
        ("request_id", row.request_id, _WORD_CHARS),
        ("address", row.address, _WORD_CHARS),
        ("agent", row.agent, _AGENT_CHARS),
    )


def _wrong_in_count(one: Counted) -> Iterable[str]:
    if one.digest:
        if len(one.digest) != _DIGEST_BYTES:
            yield "digest"
    elif not (LOWEST <= one.organization <= HIGHEST and LOWEST <= one.token <= HIGHEST):
        yield "an id"
    if not 0 < one.times <= _OFTEN:
        yield "times"
    yield from _wrong_source(one.client, one.network)


def _wrong_in_sight(one: Met) -> Iterable[str]:
    if len(one.digest) != _DIGEST_BYTES:
        yield "digest"
    yield from _wrong_source(one.client, one.network)


def _wrong_in_exposed(one: Exposed) -> Iterable[str]:
    if len(one.digest) != _DIGEST_BYTES:
        yield "digest"
    if not 0 <= one.api <= _LARGEST:
        yield "an id"
    yield from _wrong_texts(
        ("path", one.path, _NAME_CHARS),
        ("request_id", one.request_id, _WORD_CHARS),
        ("address", one.address, _WORD_CHARS),
        ("agent", one.agent, _AGENT_CHARS),
    )


def _wrong_source(client: str, network: str) -> Iterable[str]:
    return _wrong_texts(("client", client, _WORD_CHARS), ("network", network, _WORD_CHARS))


def _wrong_texts(*texts: tuple[str, str | None, int]) -> Iterable[str]:
    for name, text, most in texts:
        if text is not None and (len(text) > most or _UNWRITABLE.search(text)):
            yield name

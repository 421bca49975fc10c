"""What the gate keeps of a token beside its verdict: its name, its maker, and its stubs."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import SecretRecord, TokenRecorded, TokenStruck
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.records import ID, pack_bounds
from counterfoil.gate.replica.tokens import STUB_BYTES, pack_token, read_extras, read_name
from counterfoil.gate.replica.tokens import read_token as read_head
from counterfoil.kernel.ids import HIGHEST, LOWEST
from support.gate import BASE, ListFeed, bounds, mint, record, tell

ISSUERS = st.none() | st.integers(LOWEST, HIGHEST)
INSTANTS = st.none() | st.integers(1, 2**53)
PLACES = st.none() | st.lists(st.integers(LOWEST, HIGHEST), max_size=3).map(tuple)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)

FIRST = (b"same", b"some", bytes(4), b"\xff" * 4)
"""With so few the digests below begin, so that nearly all of them collide."""
DIGESTS = st.tuples(st.sampled_from(FIRST), st.integers(0, 3)).map(
    lambda of: of[0] + bytes([of[1]]) * (32 - STUB_BYTES)
)
LIVES = st.lists(
    st.tuples(st.integers(0, 4), st.lists(DIGESTS, max_size=3, unique=True), st.booleans()),
    max_size=12,
)


def told(token: int, *digests: bytes) -> TokenRecorded:
    """A token with secrets of these digests."""
    secrets = tuple(map(SecretRecord, digests))
    return structs.replace(record(mint(), token=BASE + token), secrets=secrets)


@given(name=NAMES, issuer=ISSUERS, parent=INSTANTS, proved=INSTANTS, dies=INSTANTS, places=PLACES)
def test_what_goes_in_comes_out(  # noqa: PLR0917 - a token has that many sides
    name: str,
    issuer: int | None,
    parent: int | None,
    proved: int | None,
    dies: int | None,
    places: tuple[int, ...] | None,
) -> None:
    """Name, maker and all else are read as they were written, whatever stands beside (X2, Q18)."""
    event = structs.replace(
        told(1),
        name=name,
        issuer=issuer,
        parent=parent,
        authenticated_at=proved,
        vouched_in=places,
    )
    packed = pack_token(event, dies)
    *_, flags, named, token, _, _ = read_head(packed)
    end = len(packed) - named
    assert token == event.token
    assert read_name(packed, flags, end) == (name, issuer)
    assert read_extras(packed, flags, end) == (
        pack_bounds(bounds()),
        parent or 0,
        proved or 0,
        dies or 0,
        None if places is None else tuple(sorted(set(places))),
    )


@given(LIVES)
def test_digests_that_begin_alike(lives: list[tuple[int, list[bytes], bool]]) -> None:
    """A token is found by its id, and it alone is struck, whatever other digests begin so (R13).

    What followed the feed then stands as what was built of what is left.
    """
    living: dict[int, TokenRecorded] = {}
    with TemporaryDirectory() as folder:
        fed, built = (Replica(Path(folder) / name) for name in ("fed", "built"))
        for token, digests, is_struck in lives:
            taken = {one.digest for other, its in living.items() if other != token
                     for one in its.secrets}  # fmt: skip
            free = [digest for digest in digests if digest not in taken]
            if is_struck:
                living.pop(token, None)
                tell(fed, TokenStruck(organization=None, token=BASE + token, digests=()))
            else:
                living[token] = told(token, *free)
                tell(fed, living[token])
        found = {token: digests_of(fed, token) for token in range(5)}
        assert found == {
            token: {one.digest for one in living[token].secrets} if token in living else set()
            for token in range(5)
        }
        built.rebuild(ListFeed([], list(living.values())))
        assert built.dump() == fed.dump()
        assert built.count(lambda: None) is fed.count(lambda: None) is True
        for one in (fed, built):
            one.close()


def digests_of(replica: Replica, token: int) -> set[bytes]:
    """The digests under which stands what is found by the id of a token."""
    found = replica.read(lambda txn: replica.books.by_id.secrets_of(txn, ID.pack(BASE + token)))
    return {key for key, value in replica.dump()["tokens"] if value in found}


def test_what_is_no_digest(replica: Replica) -> None:
    """A digest of another length is kept by no gate: the set of the stubs holds one size alone."""
    with pytest.raises(UnknownEventError):
        tell(replica, told(1, b"abc"))

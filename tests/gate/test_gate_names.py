"""What the gate keeps of a token beside its verdict: its name, its maker, and its stubs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gate.replica.records import STUB_BYTES, pack_name, read_name, read_stubs
from counterfoil.kernel.ids import HIGHEST, LOWEST

DIGESTS = st.lists(st.binary(min_size=32, max_size=32), max_size=4)
ISSUERS = st.none() | st.integers(LOWEST, HIGHEST)


@given(st.text(st.characters(exclude_categories=["Cs"])), DIGESTS, ISSUERS)
def test_what_goes_in_comes_out(name: str, digests: list[bytes], issuer: int | None) -> None:
    """Name and maker are read as they were written, however many secrets a token has (X2, Q18)."""
    packed = pack_name(name, digests, issuer)
    assert read_name(packed) == (name, issuer)
    assert set(read_stubs(packed)) == {digest[:STUB_BYTES] for digest in digests}

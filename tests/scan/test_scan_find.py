"""Tokens in streams of bytes: none is missed, none is invented, none is shown."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.scan import find
from counterfoil.scan.find import tokens_in
from counterfoil.secret import Kind, Secret

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text())


def minted(kind: Kind, entropy: bytes, prefix: str = "cf") -> str:
    return Secret.mint(kind, lambda _: entropy, prefix).reveal()


tokens = st.builds(
    minted,
    st.sampled_from(Kind),
    st.binary(min_size=32, max_size=32),
    st.sampled_from(["cf", "acme", "cftestab"]),
)
noise = st.binary(max_size=200) | st.text("abcfpsx_09Z\n", max_size=200).map(str.encode)


@given(st.lists(st.tuples(noise, tokens), max_size=4), noise)
def test_every_token_is_found_where_it_stands(pieces: list[tuple[bytes, str]], rest: bytes) -> None:
    """Whatever stands around tokens of any kind and prefix, each is found at its place (G12c)."""
    whole = b"".join(before + token.encode() for before, token in pieces) + rest
    found = {
        (whole[one.offset : one.offset + 4], one.hint[-4:]): one
        for one in tokens_in(io.BytesIO(whole))
    }
    for _, token in pieces:
        assert token[-4:] in {hint for _, hint in found}
    for one in found.values():
        ends = whole.find(one.hint[-4:].encode(), one.offset + 49)
        assert ends - one.offset <= 55
        assert one.line is None or one.line == whole.count(b"\n", 0, one.offset) + 1


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_", max_size=400))
def test_what_only_looks_like_one_is_none(text: str) -> None:
    """A string of the form without the checksum is no token: examples in docs stay quiet (G12c)."""
    assert list(tokens_in(io.BytesIO(text.encode()))) == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["token"][:8])
def test_the_published_vectors_are_found(vector: dict[str, str]) -> None:
    """Each published vector is found, named by its hint and its kind (S2)."""
    (found,) = tokens_in(io.BytesIO(f"\n x={vector['token']}".encode()))
    assert (found.hint, found.line, found.column) == (vector["hint"], 2, 4)
    assert found.kind == find.NAMES[Kind(vector["kind"])]


class Drops(io.BytesIO):
    """A stream that gives little at a time, as pipes do."""

    def read(self, _size: int | None = -1, /) -> bytes:
        return super().read(7)


@pytest.mark.parametrize("before", range(0, 70, 3))
def test_a_token_across_two_reads_is_found_once(before: int) -> None:
    """A token that is cut by the end of a read is found, and only once (G12c)."""
    token = minted(Kind.PERSONAL, bytes(range(32)))
    whole = b"a\n" * before + token.encode() + b"\n" + token.encode()
    first, second = tokens_in(Drops(whole))
    assert (first.offset, first.line, first.column) == (2 * before, before + 1, 1)
    assert (second.line, second.column) == (before + 2, 1)


def test_a_token_across_two_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A huge file is read bit by bit, and lines are counted over all of it (G12c)."""
    monkeypatch.setattr(find, "CHUNK", 256)
    token = minted(Kind.SERVICE, bytes(range(32)))
    lines = [f"{number}" * 20 for number in range(200)]
    lines[150] += token
    (found,) = tokens_in(io.BytesIO("\n".join(lines).encode()))
    assert (found.line, found.column) == (151, 61)


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_token_of_wide_characters_is_found(code: str) -> None:
    """What PowerShell writes with `>` is UTF-16, and hides no token (G12c)."""
    token = minted(Kind.PERSONAL, bytes(range(32)))
    whole = f"SET TOKEN={token}\r\n{token}".encode(code)
    found = list(tokens_in(io.BytesIO(whole)))
    assert [one.hint for one in found] == [f"cfp_…{token[-4:]}"] * 2
    assert [whole[one.offset : one.offset + 1] for one in found] == [b"c", b"c"]
    assert found[0].offset < found[1].offset


def test_a_token_in_a_binary_file_is_found() -> None:
    """A token in compiled code is found at its offset: PyPI lost one in a .pyc (G12c, S55)."""
    token = minted(Kind.PERSONAL, bytes(range(32)))
    compiled = compile(f"token = {token!r}", "x", "exec")
    import marshal  # noqa: PLC0415 - for this test alone

    (found,) = tokens_in(io.BytesIO(marshal.dumps(compiled)))
    assert (found.hint, found.line) == (f"cfp_…{token[-4:]}", None)

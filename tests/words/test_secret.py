"""The token string: form, checksum, digest, and what it refuses."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil import secret
from counterfoil.kernel.entropy import system_entropy
from counterfoil.kernel.errors import Refused
from counterfoil.secret import Kind, Secret

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text())
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
kinds = st.sampled_from(Kind)
bodies = st.binary(min_size=32, max_size=32)


def minted(kind: Kind, entropy: bytes) -> str:
    return Secret.mint(kind, lambda _: entropy).reveal()


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v["token"][:8])
def test_the_published_vectors_hold(vector: dict[str, str]) -> None:
    """Entropy, string and digest of the published vectors agree (S2, S4)."""
    made = Secret.mint(
        Kind(vector["kind"]), lambda _: bytes.fromhex(vector["entropy"]), vector["prefix"]
    )
    assert made.reveal() == vector["token"]
    assert made.digest.hex() == vector["digest"]
    assert made.hint == vector["hint"]


@given(kinds, bodies)
def test_a_minted_token_has_the_published_form(kind: Kind, entropy: bytes) -> None:
    """Every token has one length, letters, digits and `_` only, and matches the regex (S2)."""
    text = minted(kind, entropy)
    assert len(text) == 53
    assert re.fullmatch(secret.pattern(), text)
    assert secret.kind_of(text) is kind
    assert secret.is_intact(text)


around = st.text(max_size=20) | st.text("abcfpsx_09Z", max_size=70)


@given(kinds, bodies, around, around)
def test_no_minted_token_survives(kind: Kind, entropy: bytes, before: str, after: str) -> None:
    """A token of any kind is cut down wherever it stands, whatever touches it (A19, S9, S10)."""
    assert minted(kind, entropy) not in secret.redacted(f"{before}{minted(kind, entropy)}{after}")


@given(kinds, bodies, st.integers(1, 6))
def test_a_token_that_was_cut_short_is_no_ones_business(
    kind: Kind, entropy: bytes, lost: int
) -> None:
    """All the 256 bits without their checksum, or some of it, are cut down too (S9)."""
    body = minted(kind, entropy).partition("_")[2][:-lost]
    assert body not in secret.redacted(f"cf{kind}_{body}")


@given(kinds, bodies, st.text(), st.text())
def test_a_whole_token_is_found(kind: Kind, entropy: bytes, before: str, after: str) -> None:
    """A token is found in any text around it; with a wrong checksum it is none (S9).

    The code of an invitation is none: it comes in a body.
    """
    text = minted(kind, entropy)
    assert secret.holds_token(f"{before}{text}{after}") is (kind is not Kind.INVITATION)
    typo = text[:-1] + ("0" if text[-1] != "0" else "1")
    assert not secret.holds_token(typo)
    assert not secret.holds_token(text[:-1])


def test_other_text_is_left_alone() -> None:
    """Words, ids, hints and digests are shown as they are (A19)."""
    text = f"tok_1234567890123456 cfp_…9fQ2 {'ab' * 32} created_at _{'x' * 60}"
    assert secret.redacted(text) == text


@given(kinds, bodies)
def test_the_checksum_is_crc32_of_all_before_it(kind: Kind, entropy: bytes) -> None:
    """A scanner that knows CRC32 and base62 tells ours from noise offline (S2)."""
    text = minted(kind, entropy)
    value = 0
    for char in text[-6:]:
        value = value * 62 + ALPHABET.index(char)
    assert value == zlib.crc32(text[:-6].encode())


@given(bodies)
def test_the_digest_is_domain_separated(entropy: bytes) -> None:
    """What is stored is SHA-256 over our domain and the whole string (S4)."""
    text = minted(Kind.PERSONAL, entropy)
    assert secret.digest(text) == hashlib.sha256(b"counterfoil/token/v1\0" + text.encode()).digest()


@given(bodies)
def test_a_secret_does_not_print(entropy: bytes) -> None:
    """Neither `repr` nor `str` nor a format holds more than the hint (S9, A19)."""
    made = Secret.mint(Kind.PERSONAL, lambda _: entropy)
    body = made.reveal()[4:-4]
    assert body not in f"{made} {made!r} {[made]}"


@given(st.text())
def test_anything_else_is_refused(text: str) -> None:
    """Reading a string has two outcomes: a kind, or Refused (S3)."""
    with pytest.raises(Refused):
        secret.kind_of(text)


@given(bodies, st.integers(1, 52))
def test_no_truncated_token_has_the_form(entropy: bytes, length: int) -> None:
    """No proper prefix of a token is a token, and none with more on its end (S3)."""
    text = minted(Kind.SERVICE, entropy)
    for wrong in (text[:length], text + "0", text + "\n", " " + text, text + "\0"):
        with pytest.raises(Refused):
            secret.kind_of(wrong)


@given(bodies, st.integers(4, 52), st.sampled_from(ALPHABET))
def test_no_single_typo_passes_the_checksum(entropy: bytes, at: int, char: str) -> None:
    """One wrong character is told from an unknown token (S3)."""
    text = minted(Kind.PERSONAL, entropy)
    typo = text[:at] + char + text[at + 1 :]
    assert secret.is_intact(typo) is (typo == text)


@given(bodies, st.integers(0, 52), st.characters(min_codepoint=128))
def test_no_character_outside_ascii_passes(entropy: bytes, at: int, char: str) -> None:
    """Digits and letters of other alphabets are not ours, however alike (S3)."""
    text = minted(Kind.PERSONAL, entropy)
    with pytest.raises(Refused):
        secret.kind_of(text[:at] + char + text[at + 1 :])


def test_secrets_come_from_the_operating_system() -> None:
    """A hundred thousand mints: no duplicate, and every position uses the alphabet (S1)."""
    drawn = {minted(Kind.PERSONAL, system_entropy(32)) for _ in range(100_000)}
    assert len(drawn) == 100_000
    for position in range(6, 47):  # the first characters of a 256-bit number lean low
        assert {text[position] for text in drawn} == set(ALPHABET)


@pytest.mark.parametrize(
    "pasted",
    [
        "YOUR-API-TOKEN",
        "[PERSONAL_ACCESS_TOKEN]",
        "<token>",
        "cfp_…9fQ2",
        "cfp_9fQ2",
        "cfp_xxxxxxxxxxxxxxxxxxxx",
        "undefined",
        "{{ token }}",
    ],
)
def test_a_pasted_placeholder_is_known_for_one(pasted: str) -> None:
    """An example, or a token cut short, is told from a wrong token (K15)."""
    assert secret.is_placeholder(pasted)


@given(kinds, bodies)
def test_no_real_token_is_taken_for_a_placeholder(kind: Kind, entropy: bytes) -> None:
    """A token that is whole is never called a placeholder (K15)."""
    text = minted(kind, entropy)
    if not re.search("x{4}", text, re.IGNORECASE):
        assert not secret.is_placeholder(text)

"""Only the exact string verifies, and nothing near it is told from anything else."""

from __future__ import annotations

import logging
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gate.credential import PLACEHOLDER, present
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Malformed, Refused
from counterfoil.secret import Kind, checksum
from support.gate import (
    mint,
    record,
    tell,
    why,
)


class TestForm:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda t: t[:-1],
            lambda t: t + "0",
            lambda t: t.swapcase(),
            lambda t: f" {t}",
            lambda t: f"{t}\n",
            lambda t: t.replace("_", "%5F"),
            lambda t: t.replace("c", "с", 1),  # noqa: RUF001 - a Cyrillic letter, on purpose
            lambda t: "cfs" + t[3:],
            lambda t: t[:-6] + checksum(t[:-6])[::-1],
            lambda t: (s := t[:20] + "zzz" + t[23:-6]) + checksum(s),
        ],
    )
    def test_only_the_exact_string(
        self, verifier: Verifier, replica: Replica, spoil: object
    ) -> None:
        """Only the exact string verifies; everything near it is unknown (S3)."""
        text = mint()
        tell(replica, record(text))
        verifier.verify(text)
        spoiled = spoil(text)  # type: ignore[operator]
        assert spoiled != text
        assert why(verifier, spoiled) is Code.INVALID_TOKEN

    @given(st.text(max_size=80))
    def test_anything(self, noise: str) -> None:
        """No string breaks the reading of a credential (S3)."""
        with suppress(Refused, Malformed):
            present({"HTTP_AUTHORIZATION": noise, "QUERY_STRING": noise})

    @pytest.mark.parametrize("kind", [Kind.REFRESH, Kind.CLIENT])
    def test_no_bearers(self, verifier: Verifier, replica: Replica, kind: Kind) -> None:
        """Refresh tokens and client secrets are no bearer tokens, even if a gate knew them."""
        text = mint(kind)
        tell(replica, record(text))
        assert why(verifier, text) is Code.INVALID_TOKEN

    @pytest.mark.parametrize(
        "text", ["YOUR-API-TOKEN", "[PERSONAL_ACCESS_TOKEN]", "undefined", "cfp_abc…", "cfp_abc"]
    )
    def test_placeholder(self, verifier: Verifier, text: str) -> None:
        """A pasted placeholder is refused like any other string, and named (K15)."""
        with pytest.raises(Refused) as refusal:
            verifier.verify(text)
        assert (refusal.value.code, refusal.value.detail) == (Code.INVALID_TOKEN, PLACEHOLDER)

    def test_typo_is_for_the_log(
        self, verifier: Verifier, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A typo is told from a stranger in the log alone, which has nothing of it (S13)."""
        caplog.set_level(logging.DEBUG, "counterfoil.gate")
        text = mint()
        typo = text[:-1] + ("0" if text[-1] != "0" else "1")
        assert why(verifier, typo) is why(verifier, text) is Code.INVALID_TOKEN
        assert [entry.message for entry in caplog.records] == ["a mistyped token was presented"]
        assert typo[4:12] not in caplog.text

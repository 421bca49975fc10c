"""The fuzzer runs a little each time, and finds what it is there to find."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from counterfoil.gate import credential
from counterfoil.gate.glance import Glance
from counterfoil.routing import address
from counterfoil.secret import DEFAULT_PREFIX
from fuzz.__main__ import LONG, corpus, fuzz
from fuzz.targets import TARGETS, WrongReadingError

RUNS = 20_000
LENIENT: dict[str, Callable[[str], str]] = {
    "decodes first": unquote,
    "turns a backslash": lambda target: target.replace("\\", "/"),
    "skips empty steps": lambda target: re.sub("/+", "/", target),
    "heeds no case of what is escaped": str.lower,
}
"""What readers do who mean well."""


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_no_input_has_two_readings(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Guided by what they reach, thousands of inputs are read as the oracle reads them (S51)."""
    monkeypatch.chdir(tmp_path)  # where an input at which it fails is left
    assert fuzz(name, RUNS, seed=6) >= RUNS


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_corpus_is_read_alike(name: str) -> None:
    """Whatever once reached something new, and whatever once went wrong, is read alike (S51)."""
    for text in corpus(name):
        TARGETS[name](text.encode("latin-1"))


def test_the_page_says_how_much_is_run() -> None:
    """What is told of the fuzzer is what `make fuzz` and `make test` run (S51)."""
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "hostile.md").read_text()
    assert f"{RUNS:,} inputs of each" in page
    assert f"{LONG:,} of each" in page
    assert f"{LONG * len(TARGETS):,} inputs" in page


@pytest.mark.parametrize("fault", sorted(LENIENT))
def test_a_lenient_reader_is_found(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """A reader that repairs addresses, as others do, disagrees with the oracle on the corpus."""
    exact, repair = address.read, LENIENT[fault]
    monkeypatch.setattr(address, "read", lambda target: exact(repair(target)))
    with pytest.raises(WrongReadingError):
        test_the_corpus_is_read_alike("address")


MISREAD: dict[str, Callable[[str | None, str | None], str | None]] = {
    "reads no query": lambda header, _: credential.presented(header, "", DEFAULT_PREFIX),
    "trims a header": lambda header, query: credential.presented(
        header and header.rstrip(), query, DEFAULT_PREFIX
    ),
    "takes another scheme": lambda header, query: credential.presented(
        header and header.replace("Basic", "Bearer"), query, DEFAULT_PREFIX
    ),
    "takes the first of two": lambda header, query: credential.presented(
        header and header.partition(",")[0], query, DEFAULT_PREFIX
    ),
}
"""What a gate might do that the office does not."""


@pytest.mark.parametrize("fault", sorted(MISREAD))
def test_a_gate_that_reads_otherwise_than_the_office_is_found(
    monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A gate that takes what the office refuses disagrees with it on the corpus (S11)."""
    monkeypatch.setattr(
        "counterfoil.gate.presented.presented",
        lambda header, query, _: MISREAD[fault](header, query),
    )
    with pytest.raises(WrongReadingError):
        test_the_corpus_is_read_alike("presented")


def test_a_glance_that_looks_at_no_address_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What both of them read by alike is held to the oracle besides."""
    exact = Glance.digest
    monkeypatch.setattr(Glance, "digest", lambda self, header, _: exact(self, header, ""))
    with pytest.raises(WrongReadingError):
        test_the_corpus_is_read_alike("presented")

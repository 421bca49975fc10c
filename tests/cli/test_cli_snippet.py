"""`counterfoil api snippet`: what its page shows, for whoever would rather type."""

from __future__ import annotations

import json

import pytest

from cli.conftest import Type
from counterfoil.cli.exits import Exit
from counterfoil.kernel.ids import ApiId
from counterfoil.snippets import SNIPPETS, Whereabouts, pasted


def test_it_prints_what_is_pasted(typed: Type, goods: ApiId) -> None:
    """A snippet of one file is printed as it stands; of two, each below its name, or one alone."""
    place = Whereabouts(
        goods, "Goods", "goods.internal:9000", "9080", "127.0.0.1:9401", "/data/it's"
    )
    where = ("--upstream", place.upstream, "--port", place.port, "--gate", place.gate,
             "--data-dir", place.data_dir)  # fmt: skip
    for kind, snippet in SNIPPETS.items():
        files = pasted(snippet, place)
        ran = typed("api", "snippet", "Goods", kind, *where)
        assert ran.code == 0, ran.err
        if len(files) == 1:
            assert ran.out == files[0].text
        for file in files:
            assert file.text in ran.out
            assert typed("api", "snippet", f"api_{goods}", kind, file.name, *where).out == file.text
        told = json.loads(typed("api", "snippet", "Goods", kind, *where, "--json").out)
        assert told == [{"name": one.name, "text": one.text} for one in files]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("Goods", "apache"), Exit.USAGE, "apache"),
        (
            ("Goods", "traefik", "traefik.toml"),
            Exit.USAGE,
            "traefik.yaml, traefik-counterfoil.yaml",
        ),
        (("Goods", "nginx", "--upstream", "http://127.0.0.1"), Exit.USAGE, "--upstream"),
        (("Goods", "nginx", "--port", "80;"), Exit.USAGE, "--port"),
        (("Goods", "flask", "--data-dir", "here"), Exit.USAGE, "--data-dir"),
        (("Bads", "nginx"), Exit.NOT_FOUND, "Bads"),
    ],
)
def test_what_cannot_be_is_said(
    typed: Type, goods: ApiId, words: tuple[str, ...], code: Exit, said: str
) -> None:
    """What is no API, no proxy, no file or no place is named, and nothing is printed."""
    assert goods
    ran = typed("api", "snippet", *words)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err

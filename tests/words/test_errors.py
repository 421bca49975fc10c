"""Failures: each code has one family."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import counterfoil
from counterfoil.kernel.errors import (
    FAMILY,
    MEANING,
    Code,
    CounterfoilError,
    Invalid,
    Malformed,
    Stale,
)


@pytest.mark.parametrize("code", Code)
@pytest.mark.parametrize("family", MEANING)
def test_a_code_keeps_to_its_family(code: Code, family: type[CounterfoilError]) -> None:
    """No code comes with the status of another family: that error cannot be made (G2)."""
    if FAMILY[code] is family:
        assert family(code).code is code
    else:
        with pytest.raises(TypeError):
            family(code)


def test_a_kind_of_a_family_says_its_codes() -> None:
    """A narrower class without a default of its own says what its family says, and no more."""

    class Garbled(Malformed):
        pass

    assert Garbled().code is Malformed().code
    assert Garbled.family is Malformed
    assert (Malformed.family, Stale.family) == (Malformed, Stale)
    with pytest.raises(TypeError):
        Garbled(Invalid().code)


def test_every_failure_in_the_source_keeps_to_its_family() -> None:
    """Wherever the source makes a failure with a code, the code is one of its family's (G2)."""
    families = {family.__name__: family for family in MEANING}
    made = 0
    for path in Path(counterfoil.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(ast.Name(name), [ast.Attribute(ast.Name("Code"), code), *_]):
                    if name in families:
                        made += 1
                        assert FAMILY[Code[code]] is families[name], f"{path}:{node.lineno}"
    assert made

"""Schemas that strangers write, and content that is held to them."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from counterfoil.content.schema import LARGEST, bounded_work, compiled, read_schema, require_content
from counterfoil.kernel.errors import Invalid

URI = "https://schema.test/thing.json"
AT = "/data/attributes/body"

BAD: list[tuple[dict[str, Any], str]] = [
    ({"type": "strin"}, f"{AT}/type"),
    ({"properties": {"a": {"type": 3}}}, f"{AT}/properties/a/type"),
    ({"pattern": "["}, f"{AT}/pattern"),
    ({"properties": {"a": {"pattern": "(?=a)b"}}}, f"{AT}/properties/a/pattern"),
    ({"pattern": "(a)\\1"}, f"{AT}/pattern"),
    ({"pattern": "a{1000}{1000}{1000}"}, f"{AT}/pattern"),
    ({"$ref": "#/$defs/missing"}, AT),
    ({"$ref": "https://schema.test/other.json"}, f"{AT}/$ref"),
    ({"$ref": "file:///etc/passwd"}, f"{AT}/$ref"),
    ({"items": {"$ref": "other.json"}}, f"{AT}/items/$ref"),
    ({"$dynamicRef": "https://schema.test/x"}, f"{AT}/$dynamicRef"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, f"{AT}/$schema"),
    ({"$id": "https://schema.test/else.json"}, f"{AT}/$id"),
    ({"$defs": {"a": {"$id": "https://schema.test/a"}}}, f"{AT}/$defs/a/$id"),
    ({"minLength": -1}, f"{AT}/minLength"),
    ({"description": "x" * LARGEST}, AT),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=range(len(BAD)))
def test_a_schema_that_we_do_not_run_is_refused(body: dict[str, Any], field: str) -> None:
    """Schemas that are wrong, foreign, too large or not linear are refused with a pointer (S41)."""
    with pytest.raises(Invalid) as refusal:
        read_schema(body, URI)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "body",
    [
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"allOf": [{"$ref": "#"}]},
        {"anyOf": [{"not": {"$dynamicRef": "#top"}}], "$dynamicAnchor": "top"},
        {
            "$defs": {
                **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)},
                "d40": {"type": "object"},
            },
            "$ref": "#/$defs/d0",
        },
    ],
    ids=["ring", "self", "anchor", "doubling"],
)
def test_a_schema_that_never_ends_is_refused(body: dict[str, Any]) -> None:
    """A schema that applies itself to the same value without end or measure is refused (S41)."""
    with pytest.raises(Invalid):
        read_schema(body, URI)


def test_a_schema_that_doubles_at_each_level_is_bounded_by_the_content() -> None:
    """Content too deep for a schema that branches at each level is refused unread (S41)."""
    branch = {"properties": {"a": {"$ref": "#"}}}
    body = read_schema({"allOf": [branch, branch, branch]}, URI)
    require_content(body, {"a": {"a": {}}})
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"a": deep}
    started = time.perf_counter()
    with pytest.raises(Invalid):
        require_content(body, deep)
    assert time.perf_counter() - started < 5


def _nested(word: str, levels: int, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that names `schema` two to the power of `levels` times."""
    names = [f"d{level}" for level in range(levels + 1)]
    defs = {here: {word: [{"$ref": f"#/$defs/{below}"}] * 2} for here, below in pairwise(names)}
    return {
        "properties": {"a": {"items": {"$ref": "#/$defs/d0"}}, "b": {"type": "string"}},
        "$defs": {**defs, names[-1]: schema},
    }


def _costly() -> Iterator[tuple[dict[str, Any], dict[str, Any], str]]:
    """Yield schemas and content of which little asks for much, and what is named as wrong."""
    number = {"type": "number"}
    lists = {"anyOf": [{"items": {"type": "string"}}] * 2}
    yield _nested("anyOf", 6, number), {"a": [True] * 10_000}, "/a"
    yield _nested("anyOf", 9, number), {"a": [True] * 1_000}, "/a"
    yield _nested("oneOf", 9, number), {"a": [True] * 1_000}, "/a"
    yield _nested("allOf", 14, number), {"a": [1] * 10_000}, ""
    yield {"properties": {"a": lists}}, {"a": [1] * 50_000}, "/a"
    yield (
        {"properties": {"a": {"anyOf": [{"type": "string"}] * 500}}},
        {"a": {f"k{n}": "x" * 10 for n in range(7_000)}},
        "/a",
    )
    yield (
        {"propertyNames": {"anyOf": [{"maxLength": 1}] * 500}},
        {f"name{n}": 1 for n in range(1_900)},
        "",
    )


_JUDGE = """
import sys, msgspec
from counterfoil.content.schema import read_schema, require_content
from counterfoil.kernel.errors import Invalid
for body, content, field in msgspec.json.decode(sys.stdin.buffer.read()):
    try:
        require_content(read_schema(body, "https://schema.test/thing.json"), content)
    except Invalid as refusal:
        print(refusal.field == "/data/attributes" + field, refusal.field, refusal.detail)
"""


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))


def test_content_that_does_not_fit_is_refused_with_little_work() -> None:
    """No content, however it meets its schema, takes a worker's memory or its time (S38, S41)."""
    cases = list(_costly())
    seen = subprocess.run(
        [sys.executable, "-c", _JUDGE], input=msgspec.json.encode(cases),
        capture_output=True, check=False, preexec_fn=_bounded,
    )  # fmt: skip
    assert seen.returncode == 0, seen.stderr
    lines = seen.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == ["True"] * len(cases), lines


def test_a_small_member_of_large_content_is_told_exactly() -> None:
    """What is wrong is pointed at wherever that is no work, whatever else the content holds."""
    body = read_schema(_nested("anyOf", 6, {"type": "number"}), URI)
    with pytest.raises(Invalid) as refusal:
        require_content(body, {"a": [1] * 10_000, "b": 3})
    assert refusal.value.field == "/data/attributes/b"
    with pytest.raises(Invalid) as refusal:
        require_content(body, {"a": [1, 2, True], "b": "x" * 10_000})
    assert refusal.value.field == "/data/attributes/a/2"
    require_content(body, {"a": [1] * 10_000, "b": "x"})


def test_long_content_that_fits_is_taken() -> None:
    """A list of alternatives as long as a body may be is no burden, and is taken."""
    body = read_schema(
        {"properties": {"a": {"items": {"anyOf": [{"type": "string"}, {"type": "number"}]}}}}, URI
    )
    require_content(body, {"a": [1, "x"] * 25_000})


@pytest.mark.parametrize(
    ("said", "word"),
    [({"maxLength": 3}, "longer than 3"), ({"type": "number"}, "number"), ({"enum": ["b"]}, '"b"')],
)
def test_what_is_wrong_with_a_long_value_is_said(said: dict[str, Any], word: str) -> None:
    """A refusal says what was expected, and never repeats what was sent."""
    body = read_schema({"properties": {"a": said}}, URI)
    with pytest.raises(Invalid) as refusal:
        require_content(body, {"a": "q" * 5_000})
    assert word in str(refusal.value.detail)
    assert "qq" not in str(refusal.value.detail)


def test_an_ordinary_recursive_schema_is_no_burden() -> None:
    """A tree of blocks, the most common recursion, is read at any depth that a body may have."""
    body = {
        "type": "object",
        "properties": {"blocks": {"type": "array", "items": {"$ref": "#/$defs/block"}}},
        "$defs": {
            "block": {
                "type": "object",
                "oneOf": [
                    {"properties": {"text": {"type": "string"}}, "required": ["text"]},
                    {"properties": {"blocks": {"$ref": "#/properties/blocks"}},
                     "required": ["blocks"]},
                ],
            }
        },
    }  # fmt: skip
    bounded_work(body, 32)
    written = read_schema(body, URI)
    content: dict[str, Any] = {"text": "leaf"}
    for _ in range(14):
        content = {"blocks": [content]}
    require_content(written, content)


@pytest.mark.parametrize(
    "properties",
    [
        {"a": {"pattern": r"^(\PL{101}|\pL{103})*x$"}},
        {f"a{n}": {"pattern": f"^{n}$"} for n in range(101)},
        {"a": {"patternProperties": {f"^{n}$": {} for n in range(101)}}},
    ],
)
def test_patterns_are_bounded(properties: dict[str, Any]) -> None:
    """A pattern that takes megabytes, or more of them than a process keeps, is refused (S41)."""
    with pytest.raises(Invalid):
        read_schema({"properties": properties}, URI)


def test_patterns_take_linear_time() -> None:
    """A pattern that makes a backtracking engine run for hours is answered at once (S41)."""
    body = read_schema({"properties": {"a": {"pattern": "^(a+)+$"}}}, URI)
    started = time.perf_counter()
    with pytest.raises(Invalid) as refusal:
        require_content(body, {"a": "a" * 50_000 + "!"})
    assert time.perf_counter() - started < 2
    assert refusal.value.field == "/data/attributes/a"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"title": 3}, "/data/attributes/title"),
        ({}, "/data/attributes"),
        ({"title": "t", "tags": ["a", 2]}, "/data/attributes/tags/1"),
        ({"title": "t", "a/b~c": 1}, "/data/attributes/a~1b~0c"),
        ({"title": "t", "at": "yesterday"}, "/data/attributes/at"),
    ],
)
def test_content_that_does_not_fit_names_its_member(content: dict[str, Any], field: str) -> None:
    """Content against its schema is refused with the JSON pointer of what does not fit."""
    body = read_schema(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": URI,
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": {"type": "string"},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
                "a/b~c": {"type": "string"},
                "at": {"type": "string", "format": "date-time"},
            },
            "$defs": {"tag": {"type": "string"}},
        },
        URI,
    )
    with pytest.raises(Invalid) as refusal:
        require_content(body, content)
    assert refusal.value.field == field
    require_content(body, {"title": "t", "tags": ["a"], "at": "2026-03-01T12:00:00Z"})


def test_a_schema_fetches_nothing() -> None:
    """Not even a schema that came past the first look reaches for a network or a file (S41)."""
    for reference in ("http://127.0.0.1:9/x", "file:///etc/hostname"):
        with pytest.raises(Exception, match=r"[Rr]etriev"):
            compiled(f'{{"$ref":"{reference}"}}'.encode())

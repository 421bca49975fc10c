"""Schemas that strangers write, and content that is held to them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from counterfoil.content.schema import LARGEST, compiled, read_schema, refuse_content, refuse_work
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
    refuse_content(body, {"a": {"a": {}}})
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"a": deep}
    started = time.perf_counter()
    with pytest.raises(Invalid):
        refuse_content(body, deep)
    assert time.perf_counter() - started < 5


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
    refuse_work(body, 32)
    written = read_schema(body, URI)
    content: dict[str, Any] = {"text": "leaf"}
    for _ in range(14):
        content = {"blocks": [content]}
    refuse_content(written, content)


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
        refuse_content(body, {"a": "a" * 50_000 + "!"})
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
        refuse_content(body, content)
    assert refusal.value.field == field
    refuse_content(body, {"title": "t", "tags": ["a"], "at": "2026-03-01T12:00:00Z"})


def test_a_schema_fetches_nothing() -> None:
    """Not even a schema that came past the first look reaches for a network or a file (S41)."""
    for reference in ("http://127.0.0.1:9/x", "file:///etc/hostname"):
        with pytest.raises(Exception, match=r"[Rr]etriev"):
            compiled(f'{{"$ref":"{reference}"}}'.encode())

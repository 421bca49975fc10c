"""What the policy of the pages keeps a browser from, whatever a script of ours gets wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.browse import At

SINKS = (
    "document.createElement('script').src = '/static/app.js'",
    "document.createElement('script').text = 'document.title = 1'",
    "setTimeout('document.title = 1', 0)",
)


@pytest.mark.parametrize("sink", SINKS)
def test_no_string_becomes_script(sink: str, browse: Callable[..., At]) -> None:
    """A string never becomes script on a page of ours (S46)."""
    at = browse("Ann")
    at.goto("/")
    attempt = f"() => {{ try {{ {sink}; return ''; }} catch (error) {{ return error.name; }} }}"
    assert at.page.evaluate(attempt) in {"TypeError", "EvalError"}

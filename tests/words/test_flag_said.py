"""What a token was flagged for is read in one's own language."""

from __future__ import annotations

import pytest

from counterfoil.web.language import translations
from counterfoil.web.views.flag_said import flag_said

ENGLISH, GERMAN = (translations(name).gettext for name in ("en", "de"))

BURST = (
    "40 Anfragen wurden binnen einer Stunde abgewiesen, die meisten als verboten, und die "
    "meisten von x aus y."
)


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (
            "It was used from 192.0.2.0/24, where it never came from before.",
            "Es wurde von 192.0.2.0/24 aus benutzt, woher es noch nie kam.",
        ),
        (
            "It was used by a, b, c and 2 more, which never used it before.",
            "Es wurde von a, b, c und 2 weiteren benutzt, das es noch nie benutzt hat.",
        ),
        (
            "40 requests were refused within an hour, most as forbidden, and most of x from y.",
            BURST,
        ),
        ("Something else, 100 % new.", "Something else, 100 % new."),
    ],
)
def test_a_flag_is_said_anew(detail: str, said: str) -> None:
    """A flag's sentence is said in German with its places kept, and in English as it was (G12h)."""
    assert flag_said(detail, GERMAN) == said
    assert flag_said(detail, ENGLISH) == detail

"""What the check of the style sheet finds."""

from __future__ import annotations

import pytest

from tools.styles import complaints

SHARED = "/* -- ground --- */\n.stack { gap: 4px; }\n/* -- narrow --- */\n"
ONE = "/* -- one --- */\n.first { color: red; }\n"


@pytest.mark.parametrize(
    ("sheet", "found"),
    [
        (SHARED + ONE, None),
        (ONE + "@media print {\n  .first { margin: 0; }\n}\n", None),
        (SHARED + ONE + "/* -- two --- */\n.stack .first { margin: 0; }\n", None),
        (SHARED + ONE + "/* -- two --- */\n.first { margin: 0; }\n", ":7: .first belongs to"),
        (
            SHARED + ONE + "/* -- two --- */\n@media print { .first { top: 0; } }",
            "the section 'one'",
        ),
        (SHARED + "/* -- one --- */\n.first { top: 0;\n/* -- two --- */\n", "is not closed"),
        (SHARED + ".first { top: 0; }\n}\n", "nothing is open"),
        (SHARED + '.first::before { content: "}"; }\n', None),
    ],
)
def test_a_stray_rule_and_an_open_block_are_found(sheet: str, found: str | None) -> None:
    """A rule in another page's section and a block that is not closed fail the check."""
    sheet = sheet if sheet.startswith(SHARED) else SHARED + sheet
    told = list(complaints(sheet))
    assert len(told) == (found is not None)
    assert found is None or found in told[0]

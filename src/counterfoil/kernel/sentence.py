"""A sentence for a person that can be said in another language, for its figures stand apart.

    Invalid(Code.INVALID_FIELD, sentence("A name has 1 to %(most)s characters.", most=200))

Programs read it in English, as any text; the pages find it in their catalogue by its template. One
without figures needs none of this where it is raised as it stands: the catalogues have those too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

Say: TypeAlias = Callable[[str], str]
"""Puts a sentence into the language of whoever reads it."""


class Sentence(str):
    """What was said in English, and of what it was made."""

    __slots__ = ("figures", "template")

    template: str
    figures: Mapping[str, object]


def N_(text: str) -> str:  # noqa: N802 - as gettext calls it
    """Mark a sentence for the catalogues; it is put into its language where it is told."""
    return text


def sentence(template: str, **figures: object) -> Sentence:
    """Return a sentence with its figures in it; one of them may be a sentence itself."""
    said = Sentence(template % figures if figures else template)
    said.template, said.figures = template, figures
    return said

"""The sentences of the pages, and what they are in other languages.

python -m tools.languages            brings the catalogues up to date; what is new stays empty
python -m tools.languages --check    fails while a catalogue lacks a sentence, or has one too many
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from counterfoil.web.language import CATALOGUES, DEFAULT, LANGUAGES
from tools.tracked import ROOT

SOURCES = Path("src/counterfoil")
SLICES = ("kernel", "access", "directory", "notices", "snippets", "tokens", "signin", "web")
METHODS = [("web/**.py", "python"), ("web/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "say": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
OPTIONS = {"web/**.html": {"trimmed": "true", "silent": "false"}}
WHERE_RAISED = [
    ("signin/doors/address.py", "python"),
    ("content/sample.py", "python"),
    ("**/doors/**.py", "ignore"),
    *((f"{name}/**.py", "python") for name in SLICES),
    ("o*.py", "python"),
]
RAISED = {
    **dict.fromkeys(
        (
            "Refused",
            "Denied",
            "NotFound",
            "Conflict",
            "Stale",
            "Unsound",
            "Invalid",
            "Malformed",
            "Unserved",
        ),
        (2,),
    ),
    "sentence": None,
    "refused": None,
    "not_vouched": (2,),
    "require_alone_here": (3,),
}
"""What a page may have to say that an operation raised, where its text stands in the call."""


def sentences() -> Catalog:
    """Return every sentence that the pages may say."""
    found = Catalog(project="Counterfoil", fuzzy=False)
    spoken = extract_from_dir(ROOT / SOURCES, METHODS, OPTIONS, KEYWORDS)
    raised = extract_from_dir(ROOT / SOURCES, WHERE_RAISED, OPTIONS, RAISED)
    for path, line, said, comments, context in chain(spoken, raised):
        del line
        place = [(str(SOURCES / path), None)]
        found.add(said, locations=place, auto_comments=comments, context=context)  # type: ignore[arg-type]
    return found


def brought_up_to_date(language: str, said: Catalog) -> Catalog:
    """Return the catalogue of a language with exactly these sentences; the new ones are empty."""
    path = CATALOGUES / f"{language}.po"
    kept = Catalog(locale=language, project="Counterfoil", fuzzy=False)
    if path.exists():
        with path.open("rb") as told:
            kept = read_po(told, locale=language)
    kept.update(said, no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    return kept


def spelled(catalogue: Catalog) -> bytes:
    """Return a catalogue as it is kept: in order, without times and line numbers."""
    out = BytesIO()
    write_po(out, catalogue, width=100, sort_by_file=True, omit_header=False, include_lineno=False)
    return b"".join(
        line
        for line in out.getvalue().splitlines(keepends=True)
        if not line.startswith((b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator'))
        and not line.startswith((b'"Language-Team', b'"Generated-By', b"#, "))
    )


def missing(catalogue: Catalog) -> Iterator[Message]:
    """Yield the sentences that are not said in the language of a catalogue."""
    for message in catalogue:
        said = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and not all(said):
            yield message


def main() -> int:
    """Write the catalogues, or say what is wrong with them."""
    checking = "--check" in sys.argv
    said, wrong = sentences(), 0
    for language in LANGUAGES:
        if language == DEFAULT:
            continue
        path = CATALOGUES / f"{language}.po"
        catalogue = brought_up_to_date(language, said)
        raw = spelled(catalogue)
        for message in missing(catalogue):
            print(f"{path.name}: not said yet: {message.id!r}")
            wrong += 1
        if not checking:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(raw)
        elif not path.exists() or path.read_bytes() != raw:
            print(f"{path.name}: out of date: run python -m tools.languages")
            wrong += 1
    print("languages: complete" if not wrong else f"languages: {wrong} wrong")
    return bool(wrong) if checking else 0


if __name__ == "__main__":
    sys.exit(main())

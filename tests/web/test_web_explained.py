"""What goes wrong is said in the language of the page, with its figures."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from counterfoil.directory.presets import Policy
from counterfoil.directory.rules import proper_name, sound
from counterfoil.kernel.errors import FAMILY, Code, Conflict, CounterfoilError, Invalid, NotFound
from counterfoil.kernel.sentence import Sentence, sentence
from counterfoil.signin.ceremony import refused
from counterfoil.tokens.policy import require_quota
from counterfoil.web.explained import MEANT, explained, in_words
from counterfoil.web.language import DEFAULT, LANGUAGES, translations
from counterfoil.web.render import with_code
from support.browse import At
from tools.languages import SLICES, SOURCES

OTHERS = [language for language in LANGUAGES if language != DEFAULT]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence(code: Code, language: str) -> None:
    """Whatever goes wrong at a page is said in its language, be the error's own words unknown."""
    assert translations(language).gettext(MEANT[code]) != MEANT[code]
    assert in_words(code, "A parser's own words.", language) == in_words(code, "", language)
    assert in_words(code, "Its own words.", DEFAULT) == "Its own words."


def test_no_operation_hides_figures_in_a_sentence() -> None:
    """What an operation raises with figures keeps them apart: a catalogue finds it (`sentence`)."""
    families = {one.__name__ for one in FAMILY.values()}
    hidden: list[str] = []
    for path in (path for name in SLICES for path in (SOURCES / name).rglob("*.py")):
        if "doors" in path.parts:
            continue
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in families:
                said = (
                    *call.args[1:2],
                    *(one.value for one in call.keywords if one.arg == "detail"),
                )
                hidden += [f"{path}:{one.lineno}" for one in said if isinstance(one, ast.JoinedStr)]
    assert hidden == []


def raised(act: Callable[[], object]) -> CounterfoilError:
    with pytest.raises(CounterfoilError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize(
    ("error", "english", "german"),
    [
        (
            raised(lambda: require_quota(Policy(quota=5), 5, 0)),
            "You have 5 of 5 personal tokens in this organization.",
            "Sie haben 5 von 5 persönlichen Tokens in dieser Organisation.",
        ),
        (
            raised(lambda: proper_name("")),
            "A name has 1 to 200 characters, and each can be seen.",
            "Ein Name hat 1 bis 200 Zeichen, und jedes ist zu sehen.",
        ),
        (
            raised(lambda: sound(Policy(lifetime_max="soon"))),
            "A duration is in years, months, weeks or days, like P30D.",
            "Eine Dauer steht in Jahren, Monaten, Wochen oder Tagen, etwa P30D.",
        ),
        (
            refused("it is somebody else's"),
            "The passkey lets nobody in: it is somebody else's.",
            "Der Passkey lässt niemanden ein: er gehört jemand anderem.",
        ),
        (
            NotFound(),
            "There is no such thing, or none that you may see.",
            "Das gibt es nicht, oder Sie dürfen es nicht sehen.",
        ),
    ],
)
def test_figures_stand_in_either_language(
    error: CounterfoilError, english: str, german: str
) -> None:
    """A sentence keeps its figures, also where one of them is a sentence, or it is said anew."""
    again = Invalid(Code.INVALID_FIELD, error.sentence) if error.detail else error
    assert (explained(error, "en"), explained(error, "de")) == (english, german)
    assert explained(again, "de") == german
    assert type(error.detail) is str


def test_what_somebody_typed_changes_no_sentence() -> None:
    """Figures that people chose are shown as they are: neither translated nor formatted again."""
    typed = sentence("There is a role named %(name)r already.", name="revoked %(x)s %s 100 %")
    error = Conflict(Code.NAME_TAKEN, typed)
    assert explained(error, "de") == "Eine Rolle namens 'revoked %(x)s %s 100 %' gibt es schon."
    secret = "cfp_" + "0" * 49
    assert secret not in explained(Invalid(detail=sentence("%(it)s is it.", it=secret)), "en")
    assert isinstance(typed, Sentence)


def test_a_german_form_says_it_in_german(browse: Callable[..., At]) -> None:
    """A form that is filled in wrong is shown again in German, with the error beside its field."""
    at = browse("Ben", locale="de-DE")
    at.goto("/tokens/new")
    at.page.locator("#name").fill("\u200b")
    at.page.get_by_label("Begründung").fill("Weil.")
    at.page.get_by_role("button", name="Token erstellen").click()
    expect(at.page.locator("#name-error")).to_contain_text("Ein Token braucht einen Namen")
    at.goto("/approvals/1000000000000000")
    expect(at.page.get_by_role("main")).to_contain_text("Das gibt es nicht")
    at.shot("explained-german")


def test_backticks_are_code_and_nothing_else_is_markup() -> None:
    """What stands in backticks is shown as code; whatever else looks like markup is text."""
    assert with_code("`a` <b> `<c>`") == "<code>a</code> &lt;b&gt; <code>&lt;c&gt;</code>"

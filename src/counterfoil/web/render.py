"""Templates: everything is escaped, and what is not there is an error and no empty string."""

from __future__ import annotations

import re
import shlex
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Final

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from counterfoil.kernel.clock import spell_instant
from counterfoil.web import statics
from counterfoil.web.form import PLACE, TOKEN, token_of
from counterfoil.web.language import LANGUAGES, translations

_HERE: Final = Path(__file__).parent
_CODE: Final = re.compile(r"`([^`]+)`")


def html(template: str, language: str, **data: object) -> str:
    """Return a page in a language."""
    return environment(language).get_template(f"{template}.html").render(**data)


@cache
def environment(language: str) -> Environment:
    """Return the templates as they are in one language."""
    made = Environment(
        loader=FileSystemLoader([_HERE / "pages", _HERE / "templates"]),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    spoken = translations(language)
    made.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext, spoken.ngettext, newstyle=True
    )
    made.globals |= {
        "LANGUAGE": language,
        "LANGUAGES": LANGUAGES,
        "FORM_PLACE": PLACE,
        "FORM_TOKEN": TOKEN,
        "form_token": token_of,
        "static": statics.address,
    }
    made.filters |= {
        "instant": spell_instant,
        "exact": partial(_exact, language),
        "precise": precise,
        "day": partial(_day, language),
        "hour": partial(_hour, language),
        "month": partial(_month, language),
        "weekday": partial(_weekday, language),
        "number": partial(format_decimal, locale=language),
        "middle": middle,
        "with_code": with_code,
        "shell": shlex.quote,
    }
    return made


def with_code(text: str) -> Markup:
    """Return a text in which what stands in backticks is shown as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - it is escaped


def middle(text: str, most: int = 40) -> str:
    """Cut a long name in its middle, where it differs least from others."""
    if len(text) <= most:
        return text
    kept = most - 1
    return f"{text[: kept - kept // 2]}…{text[-(kept // 2) :]}"


def precise(at: datetime) -> str:
    """Say at what time of the day something was, in UTC and to the millisecond."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def _exact(language: str, at: datetime) -> str:
    """Say an instant exactly, with its zone."""
    return format_datetime(at, "d MMM y, HH:mm:ss 'UTC'", locale=language)


def _day(language: str, at: datetime) -> str:
    """Say on which day an instant is, in UTC."""
    return format_datetime(at, "d MMM", locale=language)


def _hour(language: str, at: datetime) -> str:
    """Say on which day and at what time an instant is, in UTC."""
    return format_datetime(at, "d MMM, HH:mm", locale=language)


def _month(language: str, at: datetime) -> str:
    """Say in which month of which year an instant is, in UTC."""
    return format_datetime(at, "LLLL y", locale=language)


def _weekday(language: str, day: date) -> str:
    """Say which day of the week it is, in short."""
    return format_date(day, "EEE", locale=language)

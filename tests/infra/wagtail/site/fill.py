"""Makes the tables and 61 pages: five sections with ten articles each, every fifth one a draft.

The section `press` has a desk below it with articles of its own, and an alias of an article that
stands elsewhere.
"""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from cms.models import Article  # noqa: E402 - Django has to be set up first
from django.core.management import call_command  # noqa: E402 - as above
from django.db import transaction  # noqa: E402 - as above
from wagtail.models import Locale, Page, Site  # noqa: E402 - as above

SECTIONS = ("press", "legal", "people", "shop", "archive")
ARTICLES = 10
EVERY = 5


def article(title: str, *, live: bool = True) -> Article:
    """Return an article that stands nowhere yet."""
    return Article(
        title=title, slug=title.lower().replace(" ", "-"), body=f"<p>{title}</p>", live=live
    )


def fill() -> None:
    """Make all of it."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    with transaction.atomic():
        Locale.objects.create(language_code="en")
        root = Page.add_root(title="Root", slug="root")
        home = root.add_child(instance=article("Home"))
        Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
        for name in SECTIONS:
            section = home.add_child(instance=article(name.capitalize()))
            for number in range(ARTICLES):
                one = article(f"{name.capitalize()} {number}", live=number % EVERY != 0)
                section.add_child(instance=one)
        press, legal = Page.objects.get(slug="press"), Page.objects.get(slug="legal-1")
        desk = press.add_child(instance=article("Press desk"))
        desk.add_child(instance=article("Desk 1"))
        desk.add_child(instance=article("Desk 2", live=False))
        legal.specific.create_alias(parent=desk, update_slug="alias")


if __name__ == "__main__":
    fill()

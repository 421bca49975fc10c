"""One kind of page."""

from wagtail.api import APIField
from wagtail.fields import RichTextField
from wagtail.models import Page


class Article(Page):
    """A page with a text."""

    body = RichTextField(blank=True)
    api_fields = (APIField("body"),)

"""Wagtail's pages API, saying nothing of pages that a request is not about.

The gate knows which page a request names, and not what else an answer tells. So what leads from a
page to another one is left out: its parent, what it is an alias of, and the questions that answer
whether a page elsewhere exists. Register it in place of Wagtail's own:

    router.register_endpoint("pages", Pages)

Leave out fields of yours that lead to other pages in the same way.
"""

from wagtail.api.v2.views import PagesAPIViewSet

_ELSEWHERE = {"parent", "alias_of"}
_ASKED_ELSEWHERE = {"child_of", "ancestor_of", "translation_of"}


class Pages(PagesAPIViewSet):
    """Pages by id, and those below one page: `?descendant_of=12`."""

    known_query_parameters = PagesAPIViewSet.known_query_parameters - _ASKED_ELSEWHERE
    meta_fields = [name for name in PagesAPIViewSet.meta_fields if name not in _ELSEWHERE]  # noqa: RUF012 - Wagtail's own has this type
    detail_only_fields = []  # noqa: RUF012 - as above

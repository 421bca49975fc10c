"""Tells Counterfoil where each page of Wagtail stands: so tokens can be restricted to sections.

Put this file beside manage.py, import it in the `ready` of an app of yours, and set in the
environment of Wagtail

    COUNTERFOIL_URL         http://127.0.0.1:8400
    COUNTERFOIL_API         the id under which Wagtail is registered
    COUNTERFOIL_TOKEN_FILE  a file with an API token that has apis:manage

Run it once, and then every night, to tell of the whole tree (and of what was deleted):

    python manage.py shell -c "import counterfoil_tree; counterfoil_tree.tell()"

In between each page is told of as it is made, renamed or moved. It needs nothing but Wagtail.
"""

import json
import logging
import os
from pathlib import Path
from urllib.request import Request, urlopen

from django.db.models.signals import post_save
from django.dispatch import receiver
from wagtail.models import Page

PATIENCE_S = 10
NAME_CHARS = 200

log = logging.getLogger("counterfoil")


def tell() -> dict[str, int]:
    """Tell of the whole tree; return how many pages there are, and what changed."""
    keys: dict[str, str] = {}
    nodes = []
    for path, number, title in Page.objects.order_by("path").values_list("path", "pk", "title"):
        keys[path] = str(number)
        nodes.append([str(number), keys.get(path[: -Page.steplen]), _name(title)])
    return _send("PUT", nodes)


@receiver(post_save)
def follow(instance: object, **_more: object) -> None:
    """Tell of a page that was made, renamed or moved.

    A move that could not be told does not happen: the tokens of a section would go on reading a
    page that has left it. Wagtail saves a page as a bare `Page` where it is moved, in the move's
    own transaction; where somebody edits it, it is saved as what it is, and that may be told late.
    """
    if not isinstance(instance, Page):
        return
    above = instance.get_parent()
    row = [str(instance.pk), None if above is None else str(above.pk), _name(instance.title)]
    try:
        _send("PATCH", [row])
    except OSError:
        if type(instance) is Page:
            raise
        log.exception("Counterfoil was not told of page %s: run counterfoil_tree.tell", row[0])


def _send(method: str, nodes: list[list[str | None]]) -> dict[str, int]:
    here = os.environ
    body = {"data": {"type": "api_tree", "attributes": {"nodes": nodes}}}
    request = Request(  # noqa: S310 - the address is the operator's own
        f"{here['COUNTERFOIL_URL']}/cma/apis/{here['COUNTERFOIL_API']}/tree",
        json.dumps(body).encode(),
        {
            "Authorization": f"Bearer {Path(here['COUNTERFOIL_TOKEN_FILE']).read_text().strip()}",
            "Content-Type": "application/json",
        },
        method=method,
    )
    with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - as above
        told: dict[str, int] = json.load(answer)["data"]["attributes"]
    return told


def _name(title: str) -> str:
    return "".join(letter for letter in title if letter.isprintable())[:NAME_CHARS]

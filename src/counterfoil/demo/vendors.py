"""What the vendors' own clients need of the sample: a pair for one, an item for another."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from counterfoil.access.caller import Caller, Origin
from counterfoil.access.role import Role
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.content import Kind
from counterfoil.content import Wish as Sought
from counterfoil.content.read import Listing, list_nodes
from counterfoil.office import Office
from counterfoil.tokens import Wish
from counterfoil.tokens.key_pair import create_pair

_MACHINE: Final = Origin("demo")
_YEAR: Final = timedelta(days=365)


def for_vendors(office: Office, admin: Caller, role: Role) -> dict[str, dict[str, str]]:
    """Make a key-and-secret pair of a role, find an article, and say both in the vendors' words."""
    wish = Wish(
        "amplience-ci",
        surfaces=ALL_SURFACES,
        authority="role",
        subject=role.id,
        expires_at=office.clock().replace(microsecond=0) + _YEAR,
        enabled=True,
    )
    here = str(admin.organization)
    with office.work(admin, _MACHINE) as work:
        pair = create_pair(work, wish)
    articles = Sought(kinds=(Kind.ENTRY,), content_type="article")
    with office.read(admin, _MACHINE) as work:
        (article,) = list_nodes(work, Listing(articles, size=1)).items
    return {
        "amplience": {
            "hub": here,
            "client_id": str(pair.token.id),
            "client_secret": pair.secret.reveal(),
        },
        "agility": {"guid": here, "locale": "en", "content_id": str(article.node.id)},
    }

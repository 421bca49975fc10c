"""What a token is made for: each purpose with the least that serves it, and a life to match."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.web.language import N_
from counterfoil.web.views.token_form import CHOSEN, EVERYWHERE, EXPLICIT, Values

_READ: Final = (Scope.CONTENT_READ, Scope.CONTENT_TYPES_READ, Scope.ASSETS_READ)
_DELIVERED: Final = (Scope.CONTENT_READ, Scope.ASSETS_READ)


@dataclass(frozen=True, slots=True)
class Template:
    """Where to begin from.

    Attributes:
        key: what links call it.
        label: what it is called on the page, and `text` what it is for; marked by `N_`.
        name: what the token is called if nobody says otherwise.
        days: its life (G12f): 30 on a laptop, 90 in CI, 7 for an agent.
        below: whether one should choose root nodes.
    """

    key: str
    label: str
    text: str
    icon: str
    name: str
    scopes: tuple[Scope, ...]
    surfaces: tuple[Surface, ...]
    days: int
    below: bool = False

    @property
    def values(self) -> Values:
        """What it fills in."""
        return {
            "name": (self.name,),
            "scope_mode": (EXPLICIT,),
            "scopes": tuple(str(scope) for scope in self.scopes),
            "surfaces": ("", *(str(surface) for surface in self.surfaces)),
            "where": (CHOSEN if self.below else EVERYWHERE,),
            "expires_at": (str(self.days),),
        }


TEMPLATES: Final = (
    Template(
        "cli-laptop",
        N_("CLI on my laptop"),
        N_("Read and write, as you work."),
        "laptop",
        "cli-laptop",
        (*_READ, Scope.CONTENT_WRITE, Scope.ASSETS_WRITE),
        (Surface.DELIVERY, Surface.PREVIEW, Surface.MANAGEMENT),
        30,
    ),
    Template(
        "ci-schema-export",
        N_("CI: export content type schemas"),
        N_("Content types, and nothing else."),
        "branch",
        "ci-schema-export",
        (Scope.CONTENT_TYPES_READ,),
        (Surface.MANAGEMENT,),
        90,
    ),
    Template(
        "ci-publish-folder",
        N_("CI: publish one folder"),
        N_("Write and publish below one node."),
        "folder",
        "ci-publish",
        (Scope.CONTENT_READ, Scope.CONTENT_WRITE, Scope.CONTENT_PUBLISH),
        (Surface.MANAGEMENT,),
        90,
        below=True,
    ),
    Template(
        "website-build",
        N_("Website build: published only"),
        N_("What is on delivery, never a draft."),
        "globe",
        "website-build",
        _DELIVERED,
        (Surface.DELIVERY,),
        90,
    ),
    Template(
        "preview-site",
        N_("Preview site: drafts"),
        N_("Drafts too, before they are published."),
        "eye",
        "preview-site",
        _DELIVERED,
        (Surface.DELIVERY, Surface.PREVIEW),
        90,
    ),
    Template(
        "ai-agent",
        N_("AI agent: read-only, 7 days"),
        N_("Looks at everything, changes nothing."),
        "robot",
        "ai-agent",
        _READ,
        (Surface.DELIVERY, Surface.MANAGEMENT),
        7,
    ),
)


def serving(scopes: Collection[str]) -> list[Template]:
    """Return the templates of which anything is left for who may give these scopes (X6)."""
    return [one for one in TEMPLATES if any(str(scope) in scopes for scope in one.scopes)]


def by_key(key: str) -> Template | None:
    """Return the template that a link names."""
    return next((one for one in TEMPLATES if one.key == key), None)

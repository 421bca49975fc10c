"""The history of an entry or asset: what every version of it said, and who wrote it.

A draft is no more than the newest version, so history is read on the management surface alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Revision, Shown
from counterfoil.content.steps.sight import seen, sight_on
from counterfoil.content.steps.weave import woven
from counterfoil.content.store import versions as store_versions
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.page import DEFAULT_SIZE
from counterfoil.operation import ANY_CALLER, Work, operation


@dataclass(frozen=True, slots=True)
class History:
    """Some of the versions of what is shown, the newest first; `more` if older ones follow."""

    shown: Shown
    versions: list[Revision]
    more: bool = False


@operation("version.list", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def list_versions(
    work: Work,
    id_: NodeId,
    kind: Kind,
    *,
    size: int = DEFAULT_SIZE,
    before: int | None = None,
    offset: int = 0,
) -> History:
    """List the versions of an entry or asset, from the newest, or from before a number, down.

    They are numbered without gaps, so what is passed over is counted off.
    """
    shown = _shown(work, id_, kind)
    start = (_newest(shown) + 1 if before is None else before) - offset
    found = store_versions.revisions(work.tx, shown.node, size + 1, start)
    return History(shown, _woven(work, shown, found[:size]), more=len(found) > size)


@operation("version.show", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_version(work: Work, id_: NodeId, kind: Kind, number: int) -> History:
    """Show one version of an entry or asset."""
    shown = _shown(work, id_, kind)
    found = store_versions.revision(work.tx, shown.node, number)
    if found is None:
        raise NotFound(Code.NOT_FOUND, "It has no version of this number.")
    return History(shown, _woven(work, shown, [found]))


def _shown(work: Work, id_: NodeId, kind: Kind) -> Shown:
    work.permit(target=spell(Prefix.NODE, id_))
    return seen(work, sight_on(work, Surface.MANAGEMENT), id_, (kind,))


def _woven(work: Work, shown: Shown, versions: list[Revision]) -> list[Revision]:
    """Return the versions as the caller may see them: what they name, as what is shown does."""
    as_shown = [replace(shown, content=one.content) for one in versions]
    cut = woven(work, sight_on(work, Surface.MANAGEMENT), as_shown)
    return [
        replace(one, content=seen_.content or one.content)
        for one, seen_ in zip(versions, cut, strict=True)
    ]


def _newest(shown: Shown) -> int:
    return shown.node.draft or 0

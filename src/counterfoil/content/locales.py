"""The languages that an organization writes its content in."""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.access.scope import Scope
from counterfoil.content import policy
from counterfoil.content.store import locales as store_locales
from counterfoil.content.store import rows
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("locales.show", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_locales(work: Work) -> tuple[str, ...]:
    """Show the locales of the organization; the first is the default."""
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    return store_locales.locales(work.tx, work.caller.organization)


@operation("locales.edit", requires=Scope.POLICY_MANAGE, methods=ANY_CALLER)
def edit_locales(work: Work, codes: Sequence[str]) -> tuple[str, ...]:
    """Choose the locales. What stands in others stays in the entries until they are written."""
    rows.hold_tree(work.tx, work.caller.organization)
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    policy.require_locales(codes)
    here, after = work.caller.organization, tuple(codes)
    before = store_locales.locales(work.tx, here)
    store_locales.save(work.tx, here, codes)
    work.changed(
        spell(Prefix.ORGANIZATION, here), lambda: ({"locales": before}, {"locales": after})
    )
    return after

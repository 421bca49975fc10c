"""The form of a role: a matrix of what it allows, where that holds, and what would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from counterfoil.access.role import Role
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.show import Known
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.api_token_view import node_names
from counterfoil.web.views.picker import picked
from counterfoil.web.views.scope_words import HEADINGS, meaning
from counterfoil.web.views.token_form import CHOSEN, EVERYWHERE, Values

STEPS: Final = ("toggle", "add", "remove", "step")
"""Buttons inside the form that only change what it shows."""

_ORGANIZATION: Final = N_("The organization and its content")


@dataclass(frozen=True, slots=True)
class Cell:
    """One scope; `may` says whether who looks holds it too, and so may give it away."""

    scope: str
    says: str
    may: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """What there is to allow, by resource and action: of the built-in scopes, or of one API."""

    label: str
    actions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a form changes of a role."""

    given: tuple[str, ...]
    taken: tuple[str, ...]
    moved: bool
    renamed: bool

    @property
    def is_any(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.given or self.taken or self.moved or self.renamed)


def matrices(known: Iterable[Known], visit: Visit) -> list[Matrix]:
    """Return all scopes that there are here, one matrix for each API that brings some along."""
    found: defaultdict[str, list[Known]] = defaultdict(list)
    own = visit.say(_ORGANIZATION)
    for one in known:
        found[own if one.api is None else one.api.name].append(one)
    return [_matrix(label, some, visit) for label, some in found.items()]


def _matrix(label: str, known: list[Known], visit: Visit) -> Matrix:
    rows: dict[str, dict[str, Cell]] = {}
    actions: dict[str, None] = {}
    for one in known:
        resource, _, action = one.name.partition(":")
        says = meaning(one.name, visit.say) or one.description
        rows.setdefault(resource, {})[action] = Cell(one.name, says, one.grantable)
        actions[action] = None
    return Matrix(
        label,
        tuple(actions),
        tuple(
            (_heading(resource, visit), tuple(cells.get(action) for action in actions))
            for resource, cells in rows.items()
        ),
    )


def _heading(resource: str, visit: Visit) -> str:
    return visit.say(HEADINGS[resource]) if resource in HEADINGS else resource


def blank() -> Values:
    """Return what the form of a new role begins with: it may read, everywhere."""
    read = (Scope.CONTENT_READ, Scope.CONTENT_TYPES_READ, Scope.ASSETS_READ)
    return {"name": ("",), "scopes": ("", *map(str, read)), "where": (EVERYWHERE,)}


def filled(role: Role, words: Vocabulary) -> Values:
    """Return what the form begins with for a role that there is."""
    return {
        "name": (role.name,),
        "scopes": ("", *words.spell(role.scopes)),
        "where": (EVERYWHERE if role.roots is None else CHOSEN,),
        "roots": tuple(str(root) for root in sorted(role.roots or ())),
        "version": (str(role.version),),
    }


def changed(form: Form, words: Vocabulary, before: Role, kept: Roots = None) -> Role:
    """Return a role with what was filled in.

    Args:
        form: what was typed.
        words: the scopes that there are.
        before: the role as it was.
        kept: root nodes that are told of and cannot be seen in the form: those stay. None if all
            that there are stand in it.

    Raises:
        Invalid: naming the field.
    """
    scopes = words.read(one for one in form.many("scopes") if one)
    return replace(before, name=form.text("name"), scopes=scopes, roots=_roots_in(form, kept))


def hidden(work: Work, told: Roots) -> Roots:
    """Return which of the roots of a role its form does not show to who edits it.

    None if it shows all of them; empty if who edits is told of none.
    """
    if not told:
        return told
    return told - node_names(work, set(told)).keys() or None


def _roots_in(form: Form, kept: Roots) -> Roots:
    """Return the chosen root nodes; None for everywhere.

    Raises:
        Invalid: if nodes are to be chosen and none is.
    """
    if form.text("where") != CHOSEN:
        return None
    try:
        found = frozenset(NodeId(ids.read(Prefix.NODE, one)) for one in picked(form))
    except NotFound:
        raise Invalid(
            Code.INVALID_FIELD, N_("There is no such node."), field="/data/attributes/roots"
        ) from None
    if not found and kept is None:
        told = N_("Choose at least one root node, or everywhere.")
        raise Invalid(Code.INVALID_FIELD, told, field="/data/attributes/roots")
    return found | (kept or frozenset())


def difference(before: Role, after: Role, words: Vocabulary) -> Difference:
    """Return what is other in one role than in another."""
    was, is_ = frozenset(words.spell(before.scopes)), frozenset(words.spell(after.scopes))
    return Difference(
        given=tuple(sorted(is_ - was)),
        taken=tuple(sorted(was - is_)),
        moved=before.roots != after.roots,
        renamed=before.name != after.name.strip(),
    )


def is_step(form: Form) -> bool:
    """Say whether a button was pressed that only changes what the form shows."""
    return any(name in form.values for name in STEPS)

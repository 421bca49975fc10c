"""The sample content, laid out in an organization and taken away again.

Of each thing that is laid out its version is kept beside it. What was not changed since goes again;
what was changed, or holds what somebody made, stays with all above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.content import policy, schema, specimen
from counterfoil.content.model import SEPARATOR, ContentType, Kind, Node, ids_of
from counterfoil.content.specimen import Piece, Shape
from counterfoil.content.steps import locking, writing
from counterfoil.content.store import item_types, rows, sampled
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId, Prefix, spell
from counterfoil.operation import SESSION_ONLY, Work, operation

_NEEDED: Final = (
    Scope.POLICY_MANAGE,
    Scope.CONTENT_WRITE,
    Scope.CONTENT_PUBLISH,
    Scope.CONTENT_DELETE,
    Scope.CONTENT_TYPES_WRITE,
)
"""What it takes, without a root to bound it: it is a matter of who sets up the organization."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of the sample is here, and what would go if it were taken away now.

    Attributes:
        going: the nodes that would, those above before those below.
        kept: the nodes that would not, since they were changed, or something else stands under them
            or points to them; each with its address. What stands above these stays as well.
        types_going: the content types that would: unchanged, and no other entry is of them.
        types_kept: those that would not, or not yet: an entry is of them, maybe in the trash.
    """

    going: list[Node]
    kept: list[tuple[Node, str]]
    types_going: list[ContentType]
    types_kept: list[ContentType]

    @property
    def is_out(self) -> bool:
        """Whether it is laid out: some of it would go."""
        return bool(self.going)


@operation("sample.show", requires=Scope.POLICY_MANAGE, reads=True)
def show_sample(work: Work) -> Standing:
    """Show whether the sample is laid out, and what of it would stay."""
    _permit(work)
    return _standing(work)


@operation("sample.lay_out", requires=Scope.POLICY_MANAGE, methods=SESSION_ONLY | {Method.SYSTEM})
def lay_out(work: Work) -> Node:
    """Lay the sample out in a folder of its own, beside whatever there is; return that.

    What is left of an earlier one is from now on as if people had made it.

    Raises:
        Conflict: if it is laid out.
    """
    _permit(work)
    here = work.caller.organization
    rows.hold_tree(work.tx, here)
    if _standing(work).is_out:
        raise Conflict(Code.CONFLICT, "The sample content is laid out already.")
    root = rows.root(work.tx, here)
    if root is None:
        raise NotFound
    types = _types(work)
    slugs = specimen.names(specimen.TOP, "-")
    free = next(one for one in slugs if rows.child(work.tx, here, root.id, one) is None)
    top = writing.put(work, root, Kind.FOLDER, free)
    under = {slug: writing.put(work, top, Kind.FOLDER, slug) for slug in specimen.FOLDERS}
    entries = [_entry(work, under, types, piece) for piece in specimen.pieces()]
    sampled.keep(
        work.tx,
        here,
        {one.id: one.version for one in (top, *under.values(), *entries)},
        {one.id: one.version for one in types.values()},
    )
    work.aims_at(spell(Prefix.NODE, top.id))
    return top


@operation("sample.take_away", requires=Scope.POLICY_MANAGE)
def take_away(work: Work) -> Standing:
    """Put into the trash what is as it was laid out, and drop the content types that nothing uses.

    Whoever brings something back from there has the sample again, as far as that goes.

    Raises:
        Conflict: LOCKED, if somebody else has something of it to themselves.
    """
    _permit(work)
    here = work.caller.organization
    rows.hold_tree(work.tx, here)
    found = _standing(work)
    gone = {node.id for node in found.going}
    for node in found.going:
        if node.parent not in gone:
            locking.require_unlocked_below(work, node)
            sunk = writing.sink(work, node)
            sampled.expect(work.tx, sunk, sunk.version + 1)  # as it is if it is brought back
            work.aims_at(spell(Prefix.NODE, node.id))
    for shape in found.types_going:
        item_types.drop(work.tx, shape)
    return found


def may_lay_out(grant: Grant) -> bool:
    """Say whether a grant allows to lay the sample out and to take it away."""
    return all(grant.spans(scope) for scope in _NEEDED)


def _permit(work: Work) -> None:
    work.permit()
    for scope in _NEEDED:
        work.caller.grant.hold_everywhere(scope)


def _standing(work: Work) -> Standing:
    here = work.caller.organization
    laid = sampled.laid_nodes(work.tx, here)
    held = sampled.held(work.tx, here, [node.id for node, _ in laid])
    kept = [node for node, version in laid if node.version != version or node.id in held]
    stays: set[NodeId] = set()
    for node in kept:
        stays |= ids_of(node.path)
    going = [node for node, _ in laid if node.id not in stays]
    types = sampled.laid_types(work.tx, here)
    used = sampled.used(work.tx, here, [shape.id for shape, _ in types])
    loose = {
        shape.id for shape, version in types if shape.version == version and shape.id not in used
    }
    return Standing(
        going,
        list(_addressed(work, kept)),
        [shape for shape, _ in types if shape.id in loose],
        [shape for shape, _ in types if shape.id not in loose],
    )


def _addressed(work: Work, nodes: list[Node]) -> Iterator[tuple[Node, str]]:
    """Yield nodes with the slugs that lead to them."""
    above = {id_ for node in nodes for id_ in ids_of(node.path)}
    found = rows.nodes_named(work.tx, work.caller.organization, sorted(above))
    slugs = {node.id: node.slug for node in found}
    for node in nodes:
        ids = (NodeId(int(part)) for part in node.path.split(SEPARATOR) if part)
        yield node, SEPARATOR.join(slugs.get(id_, "") for id_ in ids)


def _types(work: Work) -> dict[str, ContentType]:
    """Return the content types of the sample by what they are called there.

    Those of an earlier one serve again if they are as this one would make them.
    """
    before = [shape for shape, _ in sampled.laid_types(work.tx, work.caller.organization)]
    found: dict[str, ContentType] = {}
    for shape in specimen.SHAPES:
        again = (one for one in before if one.body == _body(shape, one.schema_id))
        found[shape.api_key] = next(again, None) or _defined(work, shape)
    return found


def _body(shape: Shape, schema_id: str) -> bytes:
    return schema.read_schema(shape.body(schema_id), schema_id)


def _defined(work: Work, shape: Shape) -> ContentType:
    here = work.caller.organization
    keys = specimen.names(shape.api_key, "_")
    free = next(one for one in keys if item_types.named(work.tx, here, one) is None)
    schema_id = f"urn:counterfoil:schema:{free.replace('_', '-')}"
    id_ = ContentTypeId(work.new_id())
    body = shape.body(schema_id)
    return writing.define(work, id_, free, name=shape.name, schema_id=schema_id, body=body)


def _entry(
    work: Work, under: Mapping[str, Node], types: Mapping[str, ContentType], piece: Piece
) -> Node:
    shape = types[piece.shape.api_key]
    said = policy.encoded(piece.said)
    entry = writing.put(work, under[piece.folder], Kind.ENTRY, piece.slug, content_type=shape.id)
    writing.keep(work, entry, said)
    if piece.published:
        entry = writing.deliver(work, entry, said)
    if piece.revised:
        entry = writing.drafted(work, entry, said, policy.encoded({**piece.said, **piece.revised}))
    return entry

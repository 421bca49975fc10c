"""The arithmetic of the audit trail's tree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from counterfoil.audit.merkle import (
    Growing,
    begins,
    combined,
    consistency,
    inclusion,
    leaf_hash,
    root,
    root_above,
)

MOST = 600
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]
JUDGE = InmemoryTree(algorithm="sha256")
for _number in range(MOST):
    JUDGE.append_entry(b"%d" % _number)

sizes = st.integers(1, MOST)


def at(level: int, number: int) -> bytes:
    return combined(LEAVES[number << level : (number + 1) << level])


@given(sizes)
def test_roots_are_those_of_another_implementation(size: int) -> None:
    """The root over any number of leaves is what pymerkle says, also leaf by leaf (R15)."""
    growing = Growing()
    for leaf in LEAVES[:size]:
        growing.add(leaf)
    assert root(size, at) == growing.root() == JUDGE.get_root(size)


@settings(max_examples=500)
@given(sizes, st.data())
def test_a_leaf_is_shown_to_be_in_the_tree(size: int, data: st.DataObject) -> None:
    """A path proves its leaf, and neither another leaf, another place, nor another tree (R15)."""
    index = data.draw(st.integers(0, size - 1))
    path = inclusion(index, size, at)
    whole = root(size, at)
    assert root_above(LEAVES[index], index, size, path) == whole
    assert {LEAVES[index], *path} == set(JUDGE.prove_inclusion(index + 1, size).path)
    if size > 1:
        other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
        assert root_above(LEAVES[other], index, size, path) != whole
        assert root_above(LEAVES[index], other, size, path) != whole
        assert root_above(LEAVES[index], index, size, path[:-1]) != whole
        assert root_above(LEAVES[index], index, size, [*path, whole]) != whole
    assert root_above(LEAVES[index], size, size, path) is None


@settings(max_examples=500)
@given(sizes, sizes, st.data())
def test_a_tree_is_shown_to_go_on(one: int, other: int, data: st.DataObject) -> None:
    """A path proves that a tree begins another one, and of no other two trees (R15)."""
    old, new = sorted((one, other))
    path = consistency(old, new, at)
    older, newer = JUDGE.get_root(old), JUDGE.get_root(new)
    assert begins(old, older, new, newer, path)
    if old < new:
        assert not begins(old, newer, new, newer, path)
        assert not begins(old, older, new, older, path)
        assert not begins(old, older, new, newer, path[:-1])
        assert not begins(old, older, new, newer, [*path, newer])
        changed = data.draw(st.integers(0, len(path) - 1))
        path[changed] = leaf_hash(path[changed])
        assert not begins(old, older, new, newer, path)
    assert not begins(new + 1, newer, new, newer, path)

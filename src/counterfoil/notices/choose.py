"""Which kinds of notices come by mail: each person chooses, but for those that guard them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from counterfoil.kernel.errors import Code, Denied, Invalid
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.notices.model import CHOOSABLE, SECURITY, Kind
from counterfoil.notices.store import rows
from counterfoil.operation import Work, operation


@operation("notice.show_choice", requires=None, reads=True)
def show_choice(work: Work) -> dict[Kind, bool]:
    """Return which kinds come to the caller by mail."""
    work.permit()
    return _choice(rows.silenced_kinds(work.tx, work.caller.organization, _me(work)))


@operation("notice.choose", requires=None)
def choose(work: Work, wanted: Mapping[str, bool]) -> dict[Kind, bool]:
    """Choose for some kinds whether they come by mail; the others stay.

    Raises:
        Invalid: for what is no kind, and for one of those that always come.
    """
    work.permit()
    here, me = work.caller.organization, _me(work)
    off = rows.silenced_kinds(work.tx, here, me)
    for name, by_mail in wanted.items():
        off = off - {_kind(name)} if by_mail else off | {_kind(name)}
    rows.silence(work.tx, here, me, off)
    return _choice(off)


def _choice(off: Collection[Kind]) -> dict[Kind, bool]:
    return {kind: kind not in off for kind in (*CHOOSABLE, *sorted(SECURITY))}


def _kind(name: str) -> Kind:
    if name not in {str(kind) for kind in CHOOSABLE}:
        none, fixed = sentence("There is no such kind."), sentence("Of these kinds nobody chooses.")
        field = f"/data/attributes/mail/{name[:80]}"
        raise Invalid(Code.INVALID_FIELD, fixed if name in SECURITY else none, field=field)
    return Kind(name)


def _me(work: Work) -> UserId:
    if work.caller.user is None:
        raise Denied(Code.NOT_A_MEMBER, "Nobody in particular asks.")
    return work.caller.user

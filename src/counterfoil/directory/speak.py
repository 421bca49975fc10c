"""A person says in which language they read: the pages keep it for what reaches them elsewhere."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.directory.store.languages import set_language
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.operation import Work, operation

_CODE: Final = re.compile(r"[a-z]{2,8}")


@operation("user.choose_language", requires=None, owner=True)
def choose_language(work: Work, code: str) -> None:
    """Keep the code of a language (`de`) as the caller's own.

    Raises:
        Invalid: for what is none.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    if not _CODE.fullmatch(code):
        raise Invalid(Code.INVALID_FIELD, "Not a language code such as `de`.", field="/language")
    set_language(work.tx, user, code)

"""An agent's program turned a call of its agent down, and has that put on record.

What an agent may do is judged and recorded by the verb that it would have called. A call that never
becomes one, of a tool that there is not or with arguments that no tool takes, would stand nowhere.
"""

from __future__ import annotations

from typing import NoReturn

from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("agent.call", requires=None, methods=ANY_CALLER, surface=None)
def turn_down(work: Work, tool: str, *, known: bool) -> NoReturn:
    """Turn a call down here too: so it is on record as refused, with whose it was.

    Args:
        work: of whoever the agent acts for.
        tool: what it called; its arguments are not told.
        known: whether there is such a tool, and the arguments were none for it.

    Raises:
        NotFound: for a tool that there is not.
        Invalid: for one that takes other arguments.
    """
    work.permit(
        target=f"tool {tool}"
    )  # a space is in no id: whatever it is called, it names nothing
    if not known:
        raise NotFound(Code.NOT_FOUND, "There is no such tool.")
    raise Invalid(Code.INVALID_FIELD, "No tool takes these arguments.")

"""What a proxy sends a copy of, heeding no answer, is written down (decision 157).

It is no question, so it is not judged, counted or put on record; and whoever takes it for one hears
no, so that nobody lets anybody pass by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterfoil.gate.verifier import Verifier
from counterfoil.gateway import original
from counterfoil.gateway.recorder import Recorder
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import ApiId


def watch(
    environ: Mapping[str, Any],
    path: str,
    usual: ApiId | None,
    recorder: Recorder | None,
    verifier: Verifier,
) -> Denied:
    """Write down a copy of a request; return what is said of it, which is no.

    Args:
        environ: of the copy.
        path: what is left of its path without the door's own.
        usual: which API is meant where the path names none.
        recorder: writes; None if nothing is to be written.
        verifier: reads what is presented.

    Raises:
        NotFound: nothing is written here, or it is not said of which API.
        Malformed: the client would have the API do something else.
    """
    api, left = original.api_in(path, usual)
    if recorder is None or api is None or not left:
        raise NotFound
    recorder.note(original.copied(environ, left, api, verifier))
    return Denied(Code.ROUTE_NOT_LISTED, "This is written down. Nobody is let through by it.")

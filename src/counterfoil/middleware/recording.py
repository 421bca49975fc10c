"""What an application is asked, written down for a table to be proposed of (decision 157).

It is no gate: whoever asks is served as before, and no visitor stands in the request. So it has
lines of its own, and nothing that the gate can be told turns that into this.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import lmdb

from counterfoil.gate.asked import Wanted
from counterfoil.gate.presented import presented_in
from counterfoil.gateway.original import require_plain
from counterfoil.gateway.recorder import Recorder
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.plain import in_words
from counterfoil.middleware import opened
from counterfoil.middleware.door import api_of, home_of
from counterfoil.middleware.opened import Desk

log = logging.getLogger("counterfoil.middleware")


class Recording:
    """Writes down the shapes of requests, and has no say in them.

    Args:
        api: the id of the API that the application is.
        record: the file to write to.
        data_dir: of the server on this host; what COUNTERFOIL_DATA_DIR says by default.

    Raises:
        ValueError: for what is no id, or no data directory.
        OSError: the file cannot be written: whoever records nothing would not notice.
    """

    def __init__(self, api: str, *, record: str | Path, data_dir: str | Path | None = None) -> None:
        self._api = api_of(api)
        self._data_dir = home_of(data_dir)
        self._file: Final = Path(record).absolute()
        os.close(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        self._held: tuple[Desk, Recorder] | None = None
        self._opening = threading.Lock()
        self._is_told = False

    def note(self, environ: Mapping[str, Any], method: str, target: str) -> None:
        """Write the shape of a request, if it is new. Nothing that fails here is a failure.

        Args:
            environ: its headers, as WSGI names them.
            method: as it was sent.
            target: path and query, as they would be sent for what the application reads.
        """
        try:
            desk, api = opened.desk_of(self._data_dir, self._api)
            recorder = self._recorder(desk)
            require_plain(environ)
            presented, digest = presented_in(environ, target, desk.books.reader)
            recorder.note(Wanted(api, method, target, presented, digest=digest))
        except (CounterfoilError, lmdb.Error, ValueError):
            pass  # it can be read in two ways, or there are no books
        except Exception as error:  # noqa: BLE001 - whatever it is, the application is not to feel it
            self._tell(in_words(error))

    def _recorder(self, desk: Desk) -> Recorder:
        held = self._held
        if held is not None and held[0] is desk:
            return held[1]
        with self._opening:
            if self._held is None or self._held[0] is not desk:
                if self._held is not None:  # of other books: from before a fork, or closed since
                    self._held[1].close()
                self._held = desk, Recorder(self._file, desk.books)
            return self._held[1]

    def _tell(self, why: str) -> None:
        if not self._is_told:
            self._is_told = True
            log.error("what is asked cannot be written to %s: %s", self._file, why)

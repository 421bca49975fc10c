"""`--debug=http`: a line on standard error for each request, without any secret in it."""

from __future__ import annotations

import logging
from typing import Final

from counterfoil.cli.output.text import note
from counterfoil.client.redact import redact

_LOGGER: Final = "httpx2"


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(f"· {redact(record.getMessage())}")


def tell_of_requests() -> None:
    """Let the HTTP library say what it does."""
    logger = logging.getLogger(_LOGGER)
    logger.setLevel(logging.INFO)
    logger.handlers = [_Notes()]
    logger.propagate = False

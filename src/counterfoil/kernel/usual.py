"""Where a server listens and a client looks for it, unless either is told otherwise."""

from __future__ import annotations

from typing import Final

USUAL_PORT: Final = 8400
USUAL_URL: Final = f"http://localhost:{USUAL_PORT}"

"""What holds unless somebody says otherwise: where a server listens, and what a host keeps."""

from __future__ import annotations

from typing import Final

USUAL_PORT: Final = 8400
USUAL_URL: Final = f"http://localhost:{USUAL_PORT}"

USUAL_BALLAST_MB: Final = 16
"""Megabytes of its disk that a host keeps for revocations (R11)."""

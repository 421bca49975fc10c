"""The composition root: the only package that knows every other.

`build` puts an installation together out of its settings, `serve` runs it.
"""

from __future__ import annotations

from counterfoil.app.build import App, UnreadyError, build, rebuild, worker
from counterfoil.app.serve import serve

__all__ = ["App", "UnreadyError", "build", "rebuild", "serve", "worker"]

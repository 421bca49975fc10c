"""Commands are typed here as in tests/cli."""

from cli.conftest import home, typed

__all__ = ["home", "typed"]

"""The command line: over HTTP through `client/`, but for what runs the server itself.

What starts a command must be light: `counterfoil --version` imports click and nothing else of
weight, and a command's module is imported when it is called.
"""

from counterfoil.cli.root import main

__all__ = ["main"]

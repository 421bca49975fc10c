"""How a command reaches its server: options, credential, and the client that both make."""

from counterfoil.cli.talking.credential import (
    read_token_file,
    taken,
    two_kinds,
    warn_of_argv,
    warn_of_clear_text,
)
from counterfoil.cli.talking.options import (
    Options,
    credential_options,
    gathered,
    server_options,
    talks,
    writes,
)
from counterfoil.cli.talking.reaching import agent, open_client, server_of

__all__ = [
    "Options",
    "agent",
    "credential_options",
    "gathered",
    "open_client",
    "read_token_file",
    "server_of",
    "server_options",
    "taken",
    "talks",
    "two_kinds",
    "warn_of_argv",
    "warn_of_clear_text",
    "writes",
]

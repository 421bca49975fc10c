"""`counterfoil completion`: what a shell must know to complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from counterfoil.cli.exits import Exit, Stop


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of a shell. It completes names, and never a secret.

    bash: `source <(counterfoil completion bash)`; zsh the same; fish:
    `counterfoil completion fish | source`.
    """
    from counterfoil.cli.root import root

    made = get_completion_class(shell)
    if made is None:
        raise Stop(Exit.FAILED, f"Nothing is known of {shell}")
    click.echo(made(root, {}, "counterfoil", "_COUNTERFOIL_COMPLETE").source())

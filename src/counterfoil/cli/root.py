"""The root of the command tree, and the one place where a failure becomes a line and a number."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

import click

from counterfoil import __version__
from counterfoil.cli.exits import Exit

_COMMANDS: Final = {
    "serve": ("counterfoil.cli.serve:serve", "Run the server."),
    "init": ("counterfoil.cli.init:init", "Begin: an organization and its admin."),
    "organization": ("counterfoil.cli.organization:organization", "One more organization."),
    "user": ("counterfoil.cli.user:user", "Let somebody in by hand."),
    "demo": ("counterfoil.demo.command:demo", "Show the whole point on sample data."),
    "configure": ("counterfoil.cli.configure:configure", "Store server and credential in a file."),
    "auth": ("counterfoil.cli.auth:auth", "Sign in, see who you are, sign out."),
    "pat": ("counterfoil.cli.pat:pat", "Your personal access tokens."),
    "request": ("counterfoil.cli.request:request", "Requests for tokens: list, approve, deny."),
    "content-type-schema": (
        "counterfoil.cli.schemas:schemas",
        "The JSON Schemas of content types.",
    ),
    "api": ("counterfoil.cli.api:api", "Any call of the API."),
    "audit": ("counterfoil.cli.audit:audit", "The audit trail."),
    "replica": ("counterfoil.cli.replica:replica", "The gate's copy of what it must know."),
    "migrate": ("counterfoil.cli.migrate:migrate", "Bring the database up to this version."),
}


class Lazy(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete names without importing what they stand for."""
        from click.shell_completion import CompletionItem

        del ctx
        return [
            CompletionItem(name, help=summary)
            for name, (_, summary) in _COMMANDS.items()
            if name.startswith(incomplete)
        ]


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def root() -> None:
    """Issue, approve, scope, verify, revoke and audit access tokens.

    A credential is taken from the command line, else from COUNTERFOIL_TOKEN or
    COUNTERFOIL_TOKEN_FILE, else from the file that `counterfoil configure` or `counterfoil auth
    login` wrote.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; nothing but that ever leaves it."""
    state: dict[str, bool] = {}
    try:
        left = root.main(
            arguments,
            prog_name="counterfoil",
            standalone_mode=False,
            obj=state,
            color=_colour(os.environ),
        )
        sys.stdout.flush()
    except click.ClickException as error:
        from counterfoil.client.redact import redact

        said = io.StringIO()
        error.show(said)
        click.echo(redact(said.getvalue()), err=True, nl=False)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("", err=True)
        return Exit.INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has seen enough: click exits then, and a flush of ours raises.
        # Python would complain once more at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told without a secret
        from counterfoil.cli.failure import tell

        return tell(error, as_json=state.get("json", False))
    return left if isinstance(left, int) else Exit.OK


def _colour(environment: Mapping[str, str]) -> bool | None:
    """Say whether colour is wanted (no-color.org, CLICOLOR_FORCE); None leaves it to the place."""
    if environment.get("NO_COLOR"):
        return False
    return True if environment.get("CLICOLOR_FORCE", "0") != "0" else None

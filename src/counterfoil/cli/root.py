"""The root of the command tree, and the one place where a failure becomes a line and a number."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from counterfoil import __version__
from counterfoil.cli.exits import Exit
from counterfoil.cli.lazy import HELP, Lazy
from counterfoil.runtime.cycles import seek_rarely


@click.group(cls=Lazy, context_settings=HELP)
@click.version_option(__version__, message="%(prog)s %(version)s")
def root() -> None:
    """Issue, approve, scope, verify, revoke and audit access tokens.

    A credential is taken from the command line, else from COUNTERFOIL_TOKEN or
    COUNTERFOIL_TOKEN_FILE, else from what `counterfoil configure` or `counterfoil auth login` kept.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    seek_rarely()
    if sys.stderr is None:  # a shell can close it: what is said there is said to nobody
        sys.stderr = io.StringIO()
    if sys.stdout is None:
        click.echo("✗ Standard output is closed: there is no place for a result", err=True)
        sys.exit(Exit.FAILED)
    try:
        sys.exit(run(arguments))
    finally:
        gc.freeze()  # Python looks for cycles at its end: a fifth of a short command, for nothing


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; nothing but that ever leaves it."""
    state: dict[str, Any] = {}
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
        from counterfoil.cli.unwritten import abandon

        abandon()
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - whatever it is becomes a sentence here: a traceback could show a secret
        from counterfoil.cli.failure import tell

        return tell(error, as_json=getattr(state.get("output"), "is_data", False))
    return left if isinstance(left, int) else Exit.OK


def _colour(environment: Mapping[str, str]) -> bool | None:
    """Say whether colour is wanted (no-color.org, CLICOLOR_FORCE); None leaves it to the place."""
    if environment.get("NO_COLOR"):
        return False
    return True if environment.get("CLICOLOR_FORCE", "0") != "0" else None

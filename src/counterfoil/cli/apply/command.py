"""`counterfoil plan` and `apply`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, put_list
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.people import agreed
from counterfoil.cli.talking.receipt import note_changed
from counterfoil.cli.talking.things import body, resource

if TYPE_CHECKING:
    from counterfoil.cli.apply.file import Declared
    from counterfoil.cli.apply.plan import Change
    from counterfoil.cli.apply.sink import Sink
    from counterfoil.client import Client

_FILE: Final = click.option(
    "-f", "--file", "path", type=click.Path(path_type=Path), default="counterfoil.yaml",
    show_default=True, help="What there shall be.",
)  # fmt: skip
_PRUNE: Final = click.option(
    "--prune", is_flag=True, help="What the sections of the file do not name shall go."
)
_DETAILED: Final = click.option(
    "--detailed-exitcode", is_flag=True, help="Exit code 10 if anything differed."
)
_POLICY: Final = "policy"


@click.command()
@_FILE
@_PRUNE
@_DETAILED
@talks
def plan(options: Options, *, path: Path, prune: bool, detailed_exitcode: bool) -> int:
    """Say what differs between a file and the organization; nothing is changed."""
    from counterfoil.cli.apply import file

    declared = file.read(path)
    with open_client(options) as client:
        rows = _rows(client, declared, prune=prune)[1]
    return _drift(rows, detailed=detailed_exitcode)


@click.command()
@_FILE
@_PRUNE
@_DETAILED
@click.option(
    "--secret-sink", help="Where secrets of new tokens go: `file:DIR`, or `exec:COMMAND`."
)
@click.option("--yes", is_flag=True, help="Do not ask before anything is deleted.")
@click.option("--dry-run", is_flag=True, help="As `counterfoil plan`.")
@talks
def apply(
    options: Options,
    *,
    path: Path,
    prune: bool,
    detailed_exitcode: bool,
    secret_sink: str | None,
    yes: bool,
) -> int:
    """Make the organization as a file says: policy, registered APIs, roles and API tokens.

    Doing it twice changes nothing more. Of an API token that is there, the secret and the end stay.
    The first refusal ends it; what was done before that stays done, and is told.
    """
    from counterfoil.cli.apply import file
    from counterfoil.cli.apply.sink import sink as place

    declared = file.read(path)
    sink = place(secret_sink) if secret_sink else None
    with open_client(options) as client:
        changes, rows = _rows(client, declared, prune=prune)
        if not options.dry_run:
            _require_sink(changes, sink)
            _ask(changes, yes=yes)
            for change in changes:
                _do(client, change, sink)
            _set_policy(client, declared)
    return _drift(rows, detailed=detailed_exitcode)


def _rows(
    client: Client, declared: Declared, *, prune: bool
) -> tuple[list[Change], list[dict[str, str]]]:
    """Return what is to be done, and all of it as it is printed."""
    from counterfoil.cli.apply.plan import Act, planned, policy_differs

    changes = planned(client, declared, prune=prune)
    rows = [change.record() for change in changes]
    if declared.policy is not None:
        _at, _match, differs = policy_differs(client, declared.policy)
        told = "; ".join(f"{name}: {was} → {is_}" for name, (was, is_) in differs.items())
        act = Act.CHANGE if differs else Act.KEEP
        rows.append({"action": act.value, "kind": _POLICY, "name": "", "changes": told})
    return changes, rows


def _drift(rows: list[dict[str, str]], *, detailed: bool) -> int:
    put_list(rows, "action kind name changes")
    differ = sum(row["action"] != "keep" for row in rows)
    note(f"{differ} of {len(rows)} differ" if differ else f"✓ all {len(rows)} are as the file says")
    return Exit.DRIFT if differ and detailed else Exit.OK


def _require_sink(changes: list[Change], sink: Sink | None) -> None:
    """Return if every secret that is about to be made has a place to go."""
    from counterfoil.cli.apply.plan import Act
    from counterfoil.cli.token.things import TOKENS

    names = [one.name for one in changes if one.things is TOKENS and one.act is Act.CREATE]
    if names and sink is None:
        raise Stop(
            Exit.USAGE,
            f"Tokens are to be made, and their secrets have no place to go: {', '.join(names)}",
            "--secret-sink file:DIRECTORY, or exec:COMMAND",
        )
    if names and sink is not None:
        sink.prepare(names)


def _ask(changes: list[Change], *, yes: bool) -> None:
    gone = [f"{one.things.called} {one.name}" for one in changes if one.act == "delete"]
    if gone:
        agreed(f"Delete {', '.join(gone)}?", yes=yes)


def _do(client: Client, change: Change, sink: Sink | None) -> None:
    from counterfoil.cli.apply.plan import ROUTES, route

    if change.act == "keep":
        return
    if change.act == "create":
        answer = change.things.create(client, change.attributes(client), change.ties(client))
        _keep(change, resource(answer)["attributes"].get("token"), sink)
    elif change.act == "delete":
        answer = change.things.delete(client, change.id)
    elif change.things is ROUTES:
        answer = route(client, change)
    else:
        attributes, ties = change.attributes(client), change.ties(client)
        answer = change.things.patch(client, change.id, attributes, ties)
    note_changed(answer, f"✓ {change.act.value} {change.things.called} {change.name}")


def _keep(change: Change, secret: object, sink: Sink | None) -> None:
    if sink is not None and isinstance(secret, str):
        note(f"  the secret of {change.name} is {sink.put(change.name, secret)}")


def _set_policy(client: Client, declared: Declared) -> None:
    from counterfoil.cli.apply.plan import policy_differs

    if declared.policy is None:
        return
    at, match, differs = policy_differs(client, declared.policy)
    if differs:
        changed = {name: declared.policy[name] for name in differs}
        answer = client.wire.ask("PATCH", at, body=body("token_policy", changed), headers=match)
        note_changed(answer, f"✓ change policy: {', '.join(differs)}")

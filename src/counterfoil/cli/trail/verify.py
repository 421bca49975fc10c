"""`counterfoil audit verify` and `copy`: at the machine, or wherever a copy of the trail lies."""

from __future__ import annotations

import sys
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, settings_of
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.output import bar, note, on_terminal, output_options, progress, put_value
from counterfoil.cli.output.choice import chosen

if TYPE_CHECKING:
    from counterfoil.audit.verify import Verified
    from counterfoil.runtime.signing import PublicKey

_UNSIGNED: Final = "no checkpoint says so: whoever cut or rewrote all of them would have left this"
_SIGNED: Final = "Verify it --against a checkpoint or a copy that was kept elsewhere."
_CUT: Final = "Ask who restored it, from which backup: docs/how-to/prove-the-trail.md."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COUNTERFOIL_DATA_DIR",
    help="Where the installation lies, if no file is given. [env: COUNTERFOIL_DATA_DIR]",
)
@click.option(
    "--against", multiple=True, type=click.Path(exists=True, path_type=Path),
    help="A checkpoint, a copy of the trail or a gate's audit.witness from elsewhere; repeatable.",
)  # fmt: skip
@click.option("--key", help="The public key that must have signed: `counterfoil.audit/…+…+…`.")
@output_options
def verify(
    *, file: Path | None, data_dir: Path | None, against: tuple[Path, ...], key: str | None
) -> None:
    """Say whether the audit trail is what it was, and name the first entry that is not.

    Of the installation at this machine; of FILE, a copy of a trail; or of a receipt, whether it
    proves its entry, in the trail that it is held --against. What was kept elsewhere finds out even
    who changed all of it and has the key.

    Entries of which no checkpoint speaks prove nothing: exit code 1, as where one is changed. What
    a restore cut off, as the trail itself says, is named with it: exit code 11, if that is all.
    """
    from counterfoil.audit.copying import CopyError
    from counterfoil.runtime.signing import NoteError, PublicKey

    try:
        trusted = None if key is None else PublicKey.read(key)
        if file is not None and _is_receipt(file):
            _prove(file, against, trusted)
        else:
            _tell(_found(file, data_dir, against, trusted))
    except (CopyError, NoteError) as error:
        raise Stop(Exit.FAILED, f"{error}.") from None


@click.command()
@data_dir_option
def copy(data_dir: Path) -> None:
    """Print the whole trail, to be verified elsewhere: every organization's entries are in it."""
    from counterfoil.app import auditing

    with machine():
        lines = auditing.copy_of(settings_of(data_dir))
        for line in lines if on_terminal() else progress(lines, "Printing"):
            sys.stdout.buffer.write(line)


def _found(
    file: Path | None, data_dir: Path | None, against: tuple[Path, ...], key: PublicKey | None
) -> Verified:
    from counterfoil.app import auditing

    held = auditing.Held()
    for path in against:
        held.add(path)
    if file is not None:
        with bar() as tell:
            return auditing.of_copy(file, key, held, tell)
    if data_dir is None:
        raise click.UsageError("Give a file, or --data-dir.")
    with machine(), bar() as tell:
        return auditing.of_installation(settings_of(data_dir), held, tell)


def _is_receipt(file: Path) -> bool:
    with file.open("rb") as opened:
        return b'"audit_receipt"' in opened.read(1 << 12)


def _prove(file: Path, against: tuple[Path, ...], key: PublicKey | None) -> None:
    from counterfoil.app import auditing
    from counterfoil.audit.receipts import verify_receipt

    held = auditing.Held()
    for path in against:
        held.add(path)
    position, checkpoint = verify_receipt(file.read_bytes(), key, held.notes)
    if chosen().is_data:
        put_value({"entry": position, "size": checkpoint.size, "signed_by": checkpoint.log})
    note(f"✓ entry {position} is in {checkpoint.log}, as of {checkpoint.at}")


def _tell(found: Verified) -> None:
    if chosen().is_data:
        faults = [{"kind": one.kind, "first": one.first, "last": one.last} for one in found.faults]
        root = b64encode(found.root).decode()
        held = len(found.held)
        cuts = [{"at": one.at, "first": one.first, "last": one.last} for one in found.cuts]
        put_value(
            {
                "size": found.size,
                "root": root,
                "checkpoints": held,
                "faults": faults,
                "cut_by_restores": cuts,
            }
        )
    for cut in found.cuts:
        note(f"! {cut}")
    first = found.first
    if first is not None:
        for one in sorted(found.faults, key=lambda one: one.first):
            note(f"✗ {one}")
        raise Stop(Exit.FAILED, f"The audit trail is not what it was: {first}.")
    if found.size and not found.held:
        raise Stop(Exit.FAILED, f"{found.size} entries hold together, and {_UNSIGNED}.", _SIGNED)
    note(f"✓ {found.size} entries hold; checkpoints that say so: {len(found.held)}")
    if found.cuts:
        raise Stop(Exit.LOST, "What a restore cut off is lost, or the restore is a sham.", _CUT)

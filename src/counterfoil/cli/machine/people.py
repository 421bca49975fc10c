"""The operator lets people in and shuts them out, at the machine."""

from __future__ import annotations

from pathlib import Path

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import (
    code_facts,
    code_told,
    machine,
    nothing_done,
    settings_of,
)
from counterfoil.cli.output import note, put_facts, put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.kernel.errors import Conflict, NotFound
from counterfoil.kernel.ids import Prefix, spell


def invite(email: str, data_dir: Path, *, dry_run: bool) -> None:
    """Give somebody a one-time code for a password, shown this once."""
    from counterfoil.app import by_hand

    settings = settings_of(data_dir)
    with machine():
        try:
            person, invited = by_hand.invite(settings, email, dry_run=dry_run)
        except NotFound:
            raise Stop(
                Exit.NOT_FOUND, f"Nobody who may come in has the e-mail address {email}"
            ) from None
    if dry_run:
        note(f"… {person.name} would be invited; what they sign in with would be over")
        nothing_done()
        return
    if chosen().is_data:
        told = {"id": str(person.id), "name": person.name, "email": person.email}
        code = code_told(invited, settings.base_url)
        put_value({"user": told, "invitation": code}, secret=code["code"] if code else "")
        return
    note(f"✓ {person.name} is invited; what they signed in with before is over")
    put_facts(spell(Prefix.USER, person.id), code_facts(invited, settings.base_url))


def deactivate(email: str, data_dir: Path, *, dry_run: bool) -> None:
    """Shut somebody out of every organization of this installation."""
    name = _admitted(email, data_dir, out=True, dry_run=dry_run)
    if dry_run:
        note(f"… {name} would be shut out of every organization")
        nothing_done()
        return
    note(f"✓ {name} is shut out of every organization")


def reactivate(email: str, data_dir: Path, *, dry_run: bool) -> None:
    """Let somebody in again who was shut out of every organization."""
    name = _admitted(email, data_dir, out=False, dry_run=dry_run)
    if dry_run:
        note(f"… {name} might come in again")
        nothing_done()
        return
    note(f"✓ {name} may come in again, wherever an admin has not shut them out")


def _admitted(email: str, data_dir: Path, *, out: bool, dry_run: bool) -> str:
    from counterfoil.app import by_hand

    with machine():
        try:
            return by_hand.admit(settings_of(data_dir), email, out=out, dry_run=dry_run).name
        except NotFound:
            raise Stop(Exit.NOT_FOUND, f"Nobody has the e-mail address {email}") from None
        except Conflict as error:
            raise Stop(Exit.CONFLICT, error.detail) from None

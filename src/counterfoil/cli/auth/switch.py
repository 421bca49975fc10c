"""`counterfoil auth switch`: which of your profiles is in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from counterfoil.cli.auth.login import config_option
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, output_options, put_list
from counterfoil.cli.talking import Options
from counterfoil.kernel.usual import USUAL_URL


@click.command()
@click.argument("name", required=False)
@config_option
@click.option("--dry-run", is_flag=True, help="Say which would be in use; change nothing.")
@output_options
def switch(*, name: str | None, config: Path | None, dry_run: bool) -> None:
    """Use the profile NAME from now on; without a name, list those that there are.

    A profile is made by `counterfoil auth login --profile NAME`.
    """
    file = Options(config=config).file
    with file.held():
        profiles = file.read_all()
        if name is None:
            put_list(
                [
                    {
                        "name": known,
                        "url": profile.url or USUAL_URL,
                        "organization": profile.organization or "",
                        "credential": profile.holds or ("keyring" if profile.keyring else ""),
                        "in_use": known == profiles.current,
                    }
                    for known, profile in profiles.named.items()
                ],
                "name url organization credential in_use",
            )
            return
        if name not in profiles.named:
            there = ", ".join(profiles.named) or "none"
            raise Stop(
                Exit.NOT_FOUND,
                f"There is no profile {name!r}; there are: {there}",
                f"Make it: `counterfoil auth login --profile {name}`.",
            )
        if not dry_run:
            file.write_all(replace(profiles, current=name))
    done = f"… {name} would be" if dry_run else f"✓ {name} is"
    note(f"{done} in use: {profiles.named[name].url or USUAL_URL}")

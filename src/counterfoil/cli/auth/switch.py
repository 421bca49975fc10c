"""`counterfoil auth switch`: which of your profiles is in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from counterfoil.cli.auth.login import config_option
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, output_options, put_list
from counterfoil.cli.talking import DEFAULT_URL, Options


@click.command()
@click.argument("name", required=False)
@config_option
@output_options
def switch(name: str | None, config: Path | None) -> None:
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
                        "url": profile.url or DEFAULT_URL,
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
        file.write_all(replace(profiles, current=name))
    note(f"✓ {name} is in use: {profiles.named[name].url or DEFAULT_URL}")

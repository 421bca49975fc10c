"""Which API tokens or pairs a list shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from counterfoil.cli.talking.instants import ago, read_expiry
from counterfoil.kernel.clock import system_clock

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What is said of them."""

    query: str | None
    expires_before: str | None
    unused_for: str | None

    def filters(self) -> dict[str, str]:
        """Return it as the API takes it."""
        now = system_clock()
        said = {
            "query": self.query,
            "expires_before": self.expires_before
            and read_expiry(self.expires_before, now, "--expires-before"),
            "last_used_before": self.unused_for and ago(self.unused_for, now, "--unused-for"),
        }
        return {name: value for name, value in said.items() if value}


def seeking(command: F) -> F:
    """Give a command that lists them the options that choose among them."""
    unused = click.option("--unused-for", help="Only those that nobody used for so long: `90d`.")
    ends = click.option(
        "--expires-before", help="Only those that end within `30d`, or before a date."
    )
    query = click.option(
        "--query", help="Part of the name, or the last four characters of the secret."
    )
    return query(ends(unused(command)))

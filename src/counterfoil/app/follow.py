"""What follows from what became true, in every slice that hears of it."""

from __future__ import annotations

from counterfoil import tokens, webhooks
from counterfoil.operation import Work


def follow(work: Work, told: object) -> None:
    """Do what follows from an event, or from what else was announced."""
    tokens.follow(work, told)
    webhooks.follow(work, told)

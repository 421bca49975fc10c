"""What follows for tokens from what lower slices said, in the same transaction."""

from __future__ import annotations

from counterfoil.directory import PolicyEdited
from counterfoil.feed.event import CutOff, MemberRecorded
from counterfoil.operation import Work
from counterfoil.tokens.extend import bring_along
from counterfoil.tokens.outgrow import come_under
from counterfoil.tokens.revoke_all import outlive


def follow(work: Work, told: object) -> None:
    """Do what follows from an event, or from what else was announced."""
    if isinstance(told, MemberRecorded):
        bring_along(work, told)
    elif isinstance(told, PolicyEdited):
        come_under(work, told)
    elif isinstance(told, CutOff):
        outlive(work, told)

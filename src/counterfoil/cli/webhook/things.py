"""Where webhooks stand, and what they were told."""

from __future__ import annotations

from typing import Final

from counterfoil.cli.talking.things import Things
from counterfoil.kernel.ids import Prefix

WEBHOOKS: Final = Things(
    "/cma/webhooks",
    "webhook",
    Prefix.WEBHOOK,
    "webhook",
    "counterfoil webhook list",
    paged=False,
)
COLUMNS: Final = "id name url events standing owner updated_at"
MESSAGES: Final = "id event state happened_at tries tried_at due_at status failure"

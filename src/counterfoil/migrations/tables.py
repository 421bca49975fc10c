"""All tables there are: importing what defines them fills the one metadata."""

from __future__ import annotations

import counterfoil.audit.checkpoint
import counterfoil.audit.journals
import counterfoil.audit.record
import counterfoil.audit.refusals
import counterfoil.audit.tree
import counterfoil.content
import counterfoil.directory
import counterfoil.feed.outbox
import counterfoil.gates
import counterfoil.jsonapi.idempotency
import counterfoil.notices
import counterfoil.signin
import counterfoil.tokens
import counterfoil.webhooks  # noqa: F401 - imported for the tables that they define
from counterfoil.runtime.database import metadata

__all__ = ["metadata"]

"""The office of a server: all that an office can be given, out of the settings."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.app import keys
from counterfoil.app.depot import depot
from counterfoil.app.elsewhere import Elsewhere
from counterfoil.app.finders import finders
from counterfoil.app.follow import follow
from counterfoil.app.providers import providers
from counterfoil.audit.journal import Journal
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.office import Office, Verify
from counterfoil.runtime.database import Database
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.outward import Outward
from counterfoil.runtime.settings import Settings


def serving_office(
    settings: Settings,
    database: Database,
    journal: Journal,
    elsewhere: Elsewhere,
    *,
    verify: Verify,
    clock: Clock,
    entropy: Entropy,
) -> Office:
    """Open the office of a server, which tells somebody of each commit and asks who a caller is.

    Raises:
        UnreadyError: if the other hosts sign the audit trail under a key that is not here.
    """
    return Office(
        database,
        journal,
        clock,
        entropy,
        committed=elsewhere.committed,
        verify=verify,
        follow=follow,
        vocabulary_of=directory.vocabulary,
        lock_life_of=directory.lock_life,
        prefix=settings.prefix,
        address=settings.base_url,
        cursor_key=key_in(settings.cursor_key_file, entropy),
        signer=keys.audit_signer(settings, database, entropy),
        files=depot(settings, entropy),
        providers=providers(settings, clock),
        finders=finders(settings, clock),
        receipts=elsewhere.receipts,
        reaches=Outward(settings.webhook_networks).admits,
    )

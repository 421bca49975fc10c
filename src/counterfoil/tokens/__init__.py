"""Tokens: a token's life from request to revocation, and the pairs that are exchanged for tokens.

This is the face of the slice: what other slices may use of it.
"""

from __future__ import annotations

from counterfoil.tokens.attenuate import LONGEST, as_bearer, attenuate
from counterfoil.tokens.built_in import seed_built_in
from counterfoil.tokens.distrust import Rounds
from counterfoil.tokens.exchange import as_client, exchange, holder_of, pair_for
from counterfoil.tokens.flag import watch
from counterfoil.tokens.follow import follow
from counterfoil.tokens.introspect import Known, introspect
from counterfoil.tokens.model import Token
from counterfoil.tokens.news import TokenTurned
from counterfoil.tokens.recall import recall
from counterfoil.tokens.report_leak import expose, expose_told
from counterfoil.tokens.retell import retell
from counterfoil.tokens.revoke import surrender
from counterfoil.tokens.revoke_all import begin_anew, revoke_tokens
from counterfoil.tokens.sought import Standing
from counterfoil.tokens.speak import speak
from counterfoil.tokens.stand_in import StandIn
from counterfoil.tokens.steps.patience import require_patience
from counterfoil.tokens.steps.record import Issued, records
from counterfoil.tokens.store.at_home import home_of, in_force
from counterfoil.tokens.store.counted import counted, counted_everywhere
from counterfoil.tokens.store.requests import open_everywhere, waiting
from counterfoil.tokens.store.sealed import reseal
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.take_over import holder_of_foreign, take_over
from counterfoil.tokens.tally import TALLY_S, Tally, forget_usage, take_counts
from counterfoil.tokens.vouch import take_counts_told, vouched
from counterfoil.tokens.wish import Wish

__all__ = [
    "LONGEST",
    "TALLY_S",
    "Issued",
    "Known",
    "Rounds",
    "StandIn",
    "Standing",
    "Tally",
    "Token",
    "TokenTurned",
    "Wish",
    "as_bearer",
    "as_client",
    "attenuate",
    "begin_anew",
    "counted",
    "counted_everywhere",
    "exchange",
    "expose",
    "expose_told",
    "follow",
    "forget_usage",
    "holder_of",
    "holder_of_foreign",
    "home_of",
    "in_force",
    "introspect",
    "open_everywhere",
    "pair_for",
    "recall",
    "records",
    "require_patience",
    "reseal",
    "retell",
    "revoke_tokens",
    "seed_built_in",
    "speak",
    "surrender",
    "sweep",
    "take_counts",
    "take_counts_told",
    "take_over",
    "vouched",
    "waiting",
    "watch",
]

"""Renewing is a new token with the settings of the old one, which lives on to its own end (X19)."""

from __future__ import annotations

from dataclasses import replace

from msgspec import UNSET, UnsetType

from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scopes
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy, store
from counterfoil.tokens.model import Bounds, Token
from counterfoil.tokens.plan import active, bounds_stand, caller_member, lineage_of, plan
from counterfoil.tokens.request import Requested, carry_out
from counterfoil.tokens.wish import Wish

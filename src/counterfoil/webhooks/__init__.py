"""Webhooks: servers of other people are told what becomes true here.

A message is written in the transaction of what it tells of, and delivered later. This is the face
of the slice: what other slices may use of it.
"""

from __future__ import annotations

from counterfoil.webhooks.follow import follow
from counterfoil.webhooks.forget import forget, withhold_all

__all__ = ["follow", "forget", "withhold_all"]

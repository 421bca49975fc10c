"""How people prove who they are, and the sessions that this ends in.

This is the face of the slice. Every interactive sign-in ends in an OAuth session of our own
authorization server (G3); a cookie counts only at the doors of this slice.
"""

from __future__ import annotations

from counterfoil.signin.choose import set_password
from counterfoil.signin.enter import hand_entry
from counterfoil.signin.found import hand_founding
from counterfoil.signin.heed import heed
from counterfoil.signin.invite import Invited, awaited, invite
from counterfoil.signin.password import digest_password, proper_password
from counterfoil.signin.recall import end_everybody, recall
from counterfoil.signin.steps.session import records
from counterfoil.signin.store.changed import changed_since

__all__ = [
    "Invited",
    "awaited",
    "changed_since",
    "digest_password",
    "end_everybody",
    "hand_entry",
    "hand_founding",
    "heed",
    "invite",
    "proper_password",
    "recall",
    "records",
    "set_password",
]

"""How people prove who they are, and the sessions that this ends in.

This is the face of the slice. Every interactive sign-in ends in an OAuth session of our own
authorization server (G3); a cookie counts only at the doors of this slice.
"""

from __future__ import annotations

from counterfoil.signin.choose import set_password
from counterfoil.signin.enter import hand_entry
from counterfoil.signin.found import hand_founding
from counterfoil.signin.invite import Invited, awaited, invite
from counterfoil.signin.password import digest_password, proper_password
from counterfoil.signin.steps.session import records

__all__ = [
    "Invited",
    "awaited",
    "digest_password",
    "hand_entry",
    "hand_founding",
    "invite",
    "proper_password",
    "records",
    "set_password",
]

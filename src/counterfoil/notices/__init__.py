"""Notices: what people are told, in the page and by mail, of what became true.

A notice is written in the transaction of what causes it; the mail leaves later. This is the face of
the slice: what other slices may use of it.
"""

from __future__ import annotations

from counterfoil.notices.forget import forget, send_none
from counterfoil.notices.model import Facts, Kind, Notice
from counterfoil.notices.place import OF, place
from counterfoil.notices.steps.tell import settle, tell
from counterfoil.notices.store.rows import last_told, told, unread

__all__ = [
    "OF",
    "Facts",
    "Kind",
    "Notice",
    "forget",
    "last_told",
    "place",
    "send_none",
    "settle",
    "tell",
    "told",
    "unread",
]

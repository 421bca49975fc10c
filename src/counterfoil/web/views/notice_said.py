"""What a notice says beside its title, in the reader's language: what a letter says of it (A24)."""

from __future__ import annotations

from counterfoil.kernel.sentence import Say
from counterfoil.notices.model import Notice
from counterfoil.notices.said import said
from counterfoil.web.views.tongue import spoken


def notice_said(one: Notice, say: Say) -> str:
    """Return what is to be known of it; empty where its title says all."""
    told = " ".join(said(one.kind, one.facts, spoken(say)))
    return told or str(one.facts.get("reason") or "")

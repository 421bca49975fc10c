"""What is lost and put back: backups, their restoring, and the quarantine that follows (R12)."""

from __future__ import annotations

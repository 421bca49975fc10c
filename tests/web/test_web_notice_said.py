"""What a notice says on the page beside its title: the same as the letter of it (A24, G12h)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from counterfoil.kernel.ids import NoticeId, OrganizationId, UserId
from counterfoil.notices.model import Facts, Kind, Notice
from counterfoil.web.language import translations
from counterfoil.web.views.notice_said import notice_said

WHEN = "2027-03-01T12:00:00Z"
SEEN = "It was used from 203.0.113.0/24, where it never came from before."


def said(kind: Kind, facts: Facts, language: str = "en") -> str:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    one = Notice(NoticeId(1), OrganizationId(2), UserId(3), kind, "tok_1", facts, now)
    return notice_said(one, translations(language).gettext)


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        (Kind.TOKEN_EXPIRING, {"expires_at": WHEN, "used": True}, f"at {WHEN}. It was used"),
        (Kind.TOKEN_EXPIRING, {"expires_at": WHEN, "used": False}, "was not used"),
        (Kind.TOKEN_EXPIRED, {"used": True}, "whatever used it is refused now"),
        (Kind.TOKEN_EXPIRED, {"used": False}, "was not used"),
        (Kind.TOKEN_FLAGGED, {"reason": "new_network", "detail": SEEN}, SEEN),
        (Kind.TOKEN_CREATED, {"address": "192.0.2.7"}, "signed in as you, from 192.0.2.7."),
        (Kind.TOKEN_CREATED, {}, "signed in as you."),
        (Kind.TOKEN_REVOKED, {"by": "Ann"}, "It was done by Ann."),
        (Kind.TOKEN_REVOKED, {"by": None}, "with the token itself"),
        (Kind.TOKEN_DISABLED, {"idle_days": 90}, "Nobody used it for 90 days"),
        (Kind.TOKEN_LEAKED, {"url": "a.test", "done": "revoke"}, "seen at a.test. It is revoked"),
        (Kind.TOKEN_LEAKED, {}, "It still works"),
        (Kind.POLICY_CHANGED, {"barred": True}, "It is refused from now on"),
        (Kind.POLICY_CHANGED, {"elsewhere": "192.0.2.0/24"}, "last used from 192.0.2.0/24"),
        (Kind.POLICY_CHANGED, {"enforce_at": "A", "ends_at": "B"}, "from A on; then it ends at B"),
        (Kind.POLICY_CHANGED, {"expires_at": WHEN}, f"It goes on as it is until {WHEN}."),
        (Kind.POLICY_CHANGED, {}, "It goes on as it is."),
        (Kind.SECOND_FACTOR_GUESSED, {"address": "192.0.2.7"}, "the last came from 192.0.2.7"),
        (Kind.SECOND_FACTOR_GUESSED, {}, "Nobody was let in by those."),
        (Kind.REQUEST_DENIED, {"reason": "not before the audit"}, "not before the audit"),
        (Kind.REQUEST_MADE, {"requester": "Ben"}, ""),
    ],
)  # fmt: skip
def test_it_says_why(kind: Kind, facts: Facts, words: str) -> None:
    """When a token ends, whether it is in use, why it was flagged, who did it: the page says so."""
    assert words in said(kind, facts)
    assert bool(words) is bool(said(kind, facts))


def test_it_says_so_in_german() -> None:
    """What was seen of a token is said in the reader's language."""
    flagged = said(Kind.TOKEN_FLAGGED, {"reason": "new_network", "detail": SEEN}, "de")
    assert flagged.startswith("Es wurde von 203.0.113.0/24 aus benutzt")
    ending = said(Kind.TOKEN_EXPIRING, {"expires_at": WHEN, "used": True}, "de")
    assert ending == f"Es endet am {WHEN}. Es wurde in den letzten 24 Stunden benutzt."

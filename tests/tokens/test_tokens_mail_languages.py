"""Letters speak the language of whoever they are to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from counterfoil.directory.speak import choose_language
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import NoticeId, UserId
from counterfoil.notices.deliver import Delivery
from counterfoil.notices.letter import Reader, Stationery, letter
from counterfoil.notices.model import Facts, Kind, Notice
from counterfoil.tokens.approve import deny
from counterfoil.web.views.tongue import tongue
from infra.mail import MailServer
from support.office import START
from support.tokens import Agency

PAPER = Stationery("https://cms.example.com", "counterfoil@cms.example.com")
NAMES = {"name": "laptop", "requester": "Dan", "by": "Ada", "reason": "Warum nicht."}
KNOWN: dict[str, Facts] = {
    "nothing": {},
    "used": {"used": True, "days": 1, "expires_at": "2026-04-01T00:00:00Z", "narrowed": True},
    "idle": {
        "idle_days": 90,
        "address": "192.0.2.7",
        "url": "https://x.example/",
        "done": "revoke",
    },
    "barred": {"barred": True, "done": "disable", "days": 7},
    "elsewhere": {"elsewhere": "192.0.2.0/24"},
    "announced": {"enforce_at": "2026-05-01", "ends_at": "2026-06-01", "since": "2026-03-01"},
    "flagged": {"detail": "It was used from 192.0.2.0/24, where it never came from before."},
}


@pytest.fixture
def opened() -> Iterator[MailServer]:
    mail = MailServer()
    with mail.opened():
        yield mail


def speaks(agency: Agency, user: UserId, code: str) -> None:
    with agency.acting(user) as work:
        choose_language(work, code)


@pytest.mark.each_engine
def test_a_letter_speaks_its_readers_language(agency: Agency, opened: MailServer) -> None:
    """Subject and body of one are German, and of another English: each as the reader chose."""
    speaks(agency, agency.dan, "de")
    job = Delivery(agency.office, opened.post, PAPER, tongue)
    asked = [agency.ask(agency.dan, name) for name in ("eins", "zwei")]
    assert job.turn() == 1
    (english,) = opened.letters
    assert english["Subject"] == "2 requests wait for you"
    speaks(agency, agency.ada, "de")
    agency.approve(asked[0])
    assert asked[1].request is not None
    with agency.acting(agency.ada) as work:
        deny(work, asked[1].request.id, asked[1].request.version, "Not this one.")
    job.turn()
    told = {str(one["Subject"]): one.get_content() for one in opened.letters[1:]}
    approved = told["Ihr Token eins ist genehmigt"]
    assert "Das Geheimnis, das Sie haben, funktioniert jetzt." in approved
    assert "Sie erfahren dies als Mitglied von" in approved
    assert "schreibt: Not this one." in told["Das Token zwei ist abgelehnt"]


@pytest.mark.each_engine
def test_the_digest_speaks_it_too(agency: Agency, opened: MailServer) -> None:
    """What waits for an approver is said in their language, and since when."""
    speaks(agency, agency.ada, "de")
    agency.ask(agency.dan, "eins")
    Delivery(agency.office, opened.post, PAPER, tongue).turn()
    (one,) = opened.letters
    assert one["Subject"] == "Eine Anfrage wartet auf Sie"
    text = one.get_content()
    assert f"seit {START:%Y-%m-%d}" in text
    assert "Sehen Sie sie an, ehe Sie entscheiden:" in text


@pytest.mark.parametrize("kind", [one for one in Kind if one is not Kind.DIGEST])
@pytest.mark.parametrize("facts", KNOWN)
def test_no_letter_is_half_in_english(agency: Agency, kind: Kind, facts: str) -> None:
    """Whatever a letter says, each line of it is another one in German."""
    said = NAMES | dict(KNOWN[facts])
    one = Notice(NoticeId(1), agency.id, agency.dan, kind, "tok_1", said, START)
    lines = []
    for code in ("en", "de"):
        reader = Reader("Dan", "dan@people.test", "Acme", tongue(code))
        written = letter(one, reader, PAPER, START)
        text = written.get_content().split(PAPER.base)[0]
        lines.append([str(written["Subject"]), *filter(None, text.splitlines())])
    english, german = lines
    assert len(english) == len(german)
    assert not set(english).intersection(german) - {NAMES["reason"]}


def test_what_is_no_language_is_refused(agency: Agency) -> None:
    """A code has a few letters; one that nobody speaks here is told in English."""
    for wrong in ("", "DE", "de_DE", "x" * 9, "<b>"):
        with pytest.raises(Invalid):
            speaks(agency, agency.dan, wrong)
    said = Notice(
        NoticeId(1), agency.id, agency.dan, Kind.TOKEN_EXPIRED, "tok_1", {"name": "x"}, START
    )
    reader = Reader("Dan", "dan@people.test", "Acme", tongue("xx"))
    later = START + timedelta(days=1)
    assert letter(said, reader, PAPER, later)["Subject"] == "Your token x has ended"

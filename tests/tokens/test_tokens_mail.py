"""What people are told comes by mail too: once, to a real mail server, and never in a request."""

from __future__ import annotations

import email
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil import directory
from counterfoil.directory.enroll import deactivate
from counterfoil.kernel.ids import NoticeId, UserId
from counterfoil.notices.choose import choose
from counterfoil.notices.deliver import LEASE, STALE, Delivery
from counterfoil.notices.letter import Reader, Stationery, digest, letter
from counterfoil.notices.model import Kind, Notice
from counterfoil.notices.post import Post, post_to
from counterfoil.tokens.approve import cancel, deny
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.switch import disable
from counterfoil.web.views.tongue import tongue
from infra.mail import MailServer
from support.office import START, StandingClock
from support.tokens import Agency

pytestmark = pytest.mark.each_engine

PAPER = Stationery("https://cms.example.com", "counterfoil@cms.example.com")


@pytest.fixture
def mail() -> MailServer:
    return MailServer()


@pytest.fixture
def opened(mail: MailServer) -> Iterator[MailServer]:
    with mail.opened():
        yield mail


def delivery(agency: Agency, post: Post) -> Delivery:
    return Delivery(agency.office, post, PAPER, tongue)


def address(agency: Agency, user: UserId) -> str:
    with agency.office.database.reading() as tx:
        return directory.user(tx, user).email or ""


def test_a_letter(agency: Agency, opened: MailServer) -> None:
    """It says what happened and where to look, to the person alone, and holds no secret (S9)."""
    asked = agency.ask(agency.ada, "laptop")
    assert delivery(agency, opened.post).turn() == 1
    (one,) = opened.letters
    assert one["To"].addresses[0].addr_spec == address(agency, agency.ada)
    assert one["Subject"] == "The token laptop was made in your name"
    assert one["From"].addresses[0].addr_spec == PAPER.sender
    assert one["Auto-Submitted"] == "auto-generated"
    text = one.get_content()
    assert f"https://cms.example.com/tokens/{asked.token.id}" in text
    assert asked.secret.reveal() not in one.as_string()
    assert delivery(agency, opened.post).turn() == 0


def test_the_digest(agency: Agency, opened: MailServer, clock: StandingClock) -> None:
    """An approver gets one letter a day with all that waits, as long as something waits (A10d)."""
    job, ada = delivery(agency, opened.post), address(agency, agency.ada)
    first, second = agency.ask(agency.dan, "one"), agency.ask(agency.dan, "two")
    job.turn()
    (letter_,) = opened.letters
    assert (letter_["To"].addresses[0].addr_spec, letter_["Subject"]) == (
        ada,
        "2 requests wait for you",
    )
    text = letter_.get_content()
    assert "asks for the token one" in text
    assert "asks for the token two" in text
    assert "https://cms.example.com/approvals" in text
    clock.move_on(hours=1)
    third = agency.ask(agency.dan, "three")
    job.turn()
    assert len(opened.subjects(ada)) == 1
    agency.approve(first)
    assert second.request is not None
    with agency.acting(agency.ada) as work:
        deny(work, second.request.id, second.request.version, "No.")
    clock.move_on(hours=23)
    job.turn()
    job.turn()
    digests = [one for one in opened.subjects(ada) if "wait" in one]
    assert digests == ["2 requests wait for you", "A request waits for you"]
    assert third.request is not None
    with agency.acting(agency.dan) as work:
        cancel(work, third.request.id, third.request.version)
    clock.move_on(days=2)
    job.turn()
    agency.ask(agency.dan, "four")
    job.turn()
    assert [one for one in opened.subjects(ada) if "wait" in one][2:] == ["A request waits for you"]


def test_each_kind_leaves_by_mail(agency: Agency, opened: MailServer, clock: StandingClock) -> None:
    """What is decided of a request, and the end and the loss of a token come by mail.

    So does the warning before an end, which says whether the token is in use (A10d, G12d).
    """
    job, ada, dan = delivery(agency, opened.post), agency.ada, address(agency, agency.dan)
    agency.approve(agency.ask(agency.dan, "one", expires_at=START + timedelta(days=60)))
    other = agency.ask(agency.dan, "two")
    assert other.request is not None
    with agency.acting(ada) as work:
        deny(work, other.request.id, other.request.version, "Not this one.")
    lost = agency.ask(agency.dan, "three", expires_at=START + timedelta(days=60))
    agency.approve(lost)
    job.turn()
    with agency.acting(ada) as work:
        revoke(work, lost.token.id)
    job.turn()
    for day in (31, 54, 59.5, 60.5):
        clock.now = START + timedelta(days=day)
        sweep(agency.office)
        job.turn()
    told = opened.subjects(dan)
    for subject in (
        "Your token one is approved",
        "The token two is denied",
        "Your token three was revoked",
        "Your token one ends in 30 days",
        "Your token one ends in 7 days",
        "Your token one ends in a day",
        "Your token one has ended",
    ):
        assert told.count(subject) == 1, (subject, told)
    ends = [one.get_content() for one in opened.letters if "ends in" in one["Subject"]]
    assert len(ends) == 3
    assert all("in the last 24 hours" in text for text in ends)


def test_a_server_that_is_away(agency: Agency, mail: MailServer, clock: StandingClock) -> None:
    """Letters wait for it, ever longer, and arrive once; nothing else fails meanwhile (R20)."""
    job = delivery(agency, mail.post)
    agency.ask(agency.ada, "laptop")
    tried = 0
    for minute in range(60):
        clock.now = START + timedelta(minutes=minute)
        try:
            job.turn()
        except OSError:
            tried += 1
    assert 4 <= tried <= 8
    clock.now = START + timedelta(hours=3)
    with mail.opened():
        assert (job.turn(), job.turn()) == (1, 0)
    assert len(mail.letters) == 1


def test_what_could_not_be_sent_for_days(
    agency: Agency, mail: MailServer, clock: StandingClock
) -> None:
    """A letter that is old by then is not sent any more: it stands in the page."""
    agency.ask(agency.ada, "laptop")
    clock.now = START + STALE + timedelta(seconds=1)
    with mail.opened():
        assert delivery(agency, mail.post).turn() == 0
        clock.move_on(days=1)
        assert delivery(agency, mail.post).turn() == 0


def test_nobody_at_an_address(agency: Agency, opened: MailServer, clock: StandingClock) -> None:
    """A letter that is refused for good is given up, and keeps no other from arriving."""
    ada, amy = address(agency, agency.ada), agency.hire("Amy", "admin")
    agency.ask(agency.ada, "laptop")
    agency.ask(amy, "laptop")
    opened.refuses = {ada}
    assert delivery(agency, opened.post).turn() == 1
    opened.refuses = set()
    clock.move_on(days=1)
    assert delivery(agency, opened.post).turn() == 0
    assert opened.subjects(ada) == []


def test_several_processes(agency: Agency, opened: MailServer) -> None:
    """Whoever takes a letter sends it, and no other process does (R16)."""
    names = [f"laptop {number}" for number in range(4)]
    for name in names:
        agency.ask(agency.ada, name)
    jobs = [delivery(agency, opened.post) for _ in range(3)]
    threads = [threading.Thread(target=job.turn) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = [f"The token {name} was made in your name" for name in names]
    assert sorted(str(one["Subject"]) for one in opened.letters) == wanted


def test_a_process_that_dies(agency: Agency, opened: MailServer, clock: StandingClock) -> None:
    """What a process took and did not send is sent by another, once its time is over (R4)."""

    def dying(_message: EmailMessage) -> None:
        raise KeyboardInterrupt

    agency.ask(agency.ada, "laptop")
    with pytest.raises(KeyboardInterrupt):
        delivery(agency, dying).turn()
    assert delivery(agency, opened.post).turn() == 0
    clock.now += LEASE
    assert delivery(agency, opened.post).turn() == 1


def test_what_is_not_wanted_by_mail(agency: Agency, opened: MailServer) -> None:
    """What a person turned off comes no more; what guards their tokens does."""
    with agency.acting(agency.dan) as work:
        choose(work, {"request_approved": False})
    with agency.acting(agency.ada) as work:
        choose(work, {"digest": False})
    token = agency.granted(agency.dan, "laptop").token
    with agency.acting(agency.ada) as work:
        disable(work, token.id)
    delivery(agency, opened.post).turn()
    assert [str(one["Subject"]) for one in opened.letters] == ["Your token laptop was switched off"]


def test_who_is_gone_gets_no_mail(agency: Agency, opened: MailServer) -> None:
    """Nobody hears of an organization that shut them out meanwhile (S20)."""
    agency.granted(agency.dan, "laptop")
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    delivery(agency, opened.post).turn()
    assert opened.subjects(address(agency, agency.dan)) == []


def test_a_password_goes_over_no_open_line(agency: Agency, opened: MailServer) -> None:
    """Where encryption is asked for and not to be had, letters wait, and nothing is shown."""
    for scheme in ("smtp+starttls", "smtps"):
        agency.ask(agency.ada, scheme)
        post = post_to(f"{scheme}://me:secret@127.0.0.1:{opened.port}", None)  # type: ignore[arg-type]
        with pytest.raises(OSError):  # noqa: PT011 - of whichever kind
            delivery(agency, post).turn()
    assert opened.letters == []


def test_the_console(agency: Agency) -> None:
    """Without a mail server, letters are printed for who tries the system out."""
    asked, console = agency.ask(agency.ada, "laptop"), StringIO()
    delivery(agency, post_to("console:", console)).turn()
    first, *_, last = console.getvalue().splitlines()
    assert first.startswith("  ✉ Ada <")
    assert first.endswith(">: The token laptop was made in your name")
    assert last == f"  │ https://cms.example.com/tokens/{asked.token.id}"


HOSTILE = st.text(max_size=200) | st.sampled_from(
    ["x\r\nBcc: eve@evil.test", "x\nSubject: y", "\u202eevil", "https://evil.test/a", "{by}"]
)


@given(name=HOSTILE, other=HOSTILE, kind=st.sampled_from(list(Kind)))
def test_names_write_no_letters(name: str, other: str, kind: Kind) -> None:
    """Whatever is in a name, it is one line of text: no header, no link, no turned direction."""
    facts = {"name": name, "requester": other, "by": other, "reason": name, "detail": other}
    one = Notice(NoticeId(1), 1, 1, kind, "tok_1", {**facts, "days": 7}, START)  # type: ignore[arg-type]
    reader = Reader(other, "dan@people.test", name)
    for made in (letter(one, reader, PAPER, START), digest([one], reader, PAPER, START)):
        told = email.message_from_bytes(made.as_bytes(), policy=default)
        assert isinstance(told, EmailMessage)
        assert set(told.keys()) == {
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
            "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        }  # fmt: skip
        assert [to.addr_spec for to in told["To"].addresses] == ["dan@people.test"]
        text = told.get_content()
        assert text.count("://") == 1
        assert all(char.isprintable() for line in text.splitlines() for char in line)
        assert len(str(told["Subject"])) < 300

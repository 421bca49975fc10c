"""What somebody of ours typed in is told, and nothing of our own network is (S53)."""

from __future__ import annotations

import ssl
import threading
from ipaddress import ip_network
from pathlib import Path

import pytest

from counterfoil.runtime.outward import Failure, Outward, UntoldError
from support.receiver import HERE, OK, Receiver

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",  # noqa: S104 - an address that is refused
    "224.0.0.1",
    "255.255.255.255",
    "198.51.100.7",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "2002:7f00:1::",
    "::7f00:1",
    "::a9fe:a9fe",
    "fec0::1",
    "5f00::1",
    "3fff::1",
    "192.0.0.8",
    "192.88.99.1",
)


def failure(outward: Outward, url: str) -> str:
    with pytest.raises(UntoldError) as caught:
        outward.post(url, {"X": "y"}, b"{}")
    return str(caught.value.failure)


@pytest.mark.parametrize("address", PRIVATE)
def test_only_public_addresses_are_told(hooks: Receiver, address: str) -> None:
    """No address of our own network is connected to, in whatever dress it comes (S53)."""
    assert failure(hooks.outward(address, allowed=()), hooks.url) == Failure.NOT_PUBLIC
    assert hooks.heard == []


SPELT = (
    "localhost",
    "LOCALHOST.",
    "hooks.localhost",
    "127.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "10.1.2.3.",
)
"""Names that no server needs to be asked about."""


@pytest.mark.parametrize("host", [*PRIVATE, *SPELT])
def test_a_private_spelling_is_known(host: str) -> None:
    """What is private by its spelling is known before anybody is told, in each of them (S53)."""
    url = f"https://[{host}]:8443/x" if ":" in host else f"https://{host}:8443/x"
    assert not Outward().admits(url)


@pytest.mark.parametrize("host", ["hooks.example.com", "8.8.8.8", "[2606:4700::1111]", "intranet"])
def test_other_spellings_say_nothing(host: str) -> None:
    """A name is judged by what it leads to when it is told, and a public address is one (S53)."""
    assert Outward().admits(f"https://{host}/x")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8500/", "https://localhost/", "http://[::1]/"])
def test_what_the_operator_allows(url: str) -> None:
    """An address of a network that the operator names may be told."""
    assert Outward((*HERE, ip_network("::1/128"))).admits(url)


def test_one_bad_answer_spoils_them_all(hooks: Receiver) -> None:
    """Where one of several answers is private, none of them is connected to (S53)."""
    several = hooks.outward("93.184.215.14", "127.0.0.1", allowed=())
    assert failure(several, hooks.url) == Failure.NOT_PUBLIC


def test_a_name_is_looked_up_once(hooks: Receiver) -> None:
    """The connection goes to the address that was judged: a second answer is never asked (S53)."""
    assert hooks.outward().post(hooks.url, {}, b"{}") == 200
    assert hooks.looked_up == ["hooks.example.com"]
    (heard,) = hooks.heard
    assert heard.line == "POST /hook?to=us HTTP/1.1"
    assert heard.headers["host"] == f"hooks.example.com:{hooks.port}"


@pytest.mark.parametrize("answers", [(), ("no address",)])
def test_an_unknown_name(hooks: Receiver, answers: tuple[str, ...]) -> None:
    """A name that means nothing is said to, and so is one that means nonsense."""
    none = Outward(HERE, look=lambda *_: list(answers))
    assert failure(none, hooks.url) == Failure.UNKNOWN_NAME


def test_the_next_address_is_tried(hooks: Receiver) -> None:
    """Where nobody listens at one address of a host, the next one is told."""
    assert hooks.outward("127.0.0.9", "127.0.0.1").post(hooks.url, {}, b"{}") == 200


def test_a_certificate_must_be_trusted_and_the_names(hooks: Receiver) -> None:
    """Who cannot prove to be the host is told nothing, though it is at its address."""
    stranger = Outward(HERE, look=lambda *_: ["127.0.0.1"], tls=ssl.create_default_context())
    assert failure(stranger, hooks.url) == Failure.NOT_TRUSTED
    other = hooks.url.replace("hooks.", "other.")
    assert failure(hooks.outward(), other) == Failure.NOT_TRUSTED
    assert hooks.heard == []


def test_without_tls_only_this_machine_is_told(hooks: Receiver) -> None:
    """Plain HTTP goes to loopback alone, and only if the operator allows it (S53)."""
    plain = f"http://localhost:{hooks.port}/"
    assert failure(hooks.outward(allowed=()), plain) == Failure.NOT_PUBLIC
    assert failure(hooks.outward("93.184.215.14"), plain) == Failure.NOT_PUBLIC
    assert failure(hooks.outward(), plain) in {Failure.NOT_HTTP, Failure.NO_CONNECTION}


def test_a_redirect_is_an_answer(hooks: Receiver) -> None:
    """Nobody leads us on: a redirect is a status like others (S53)."""
    hooks.says(b"HTTP/1.1 307 Away\r\nLocation: http://169.254.169.254/\r\n\r\n")
    assert hooks.outward().post(hooks.url, {}, b"{}") == 307
    assert len(hooks.heard) == len(hooks.looked_up) == 1


def test_the_body_is_not_waited_for(hooks: Receiver) -> None:
    """A status is enough: who sends a body without an end holds nobody (S53)."""
    done = threading.Event()

    def endless(line: ssl.SSLSocket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n")
        while not done.wait(0.01):
            line.sendall(b"x" * 4096)

    hooks.answer = endless
    assert hooks.outward().post(hooks.url, {}, b"{}") == 200
    done.set()


def test_what_is_said_before_the_status_is_passed_over(hooks: Receiver) -> None:
    """An interim answer is none yet; the final one counts."""
    hooks.says(b"HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" + OK)
    assert hooks.outward().post(hooks.url, {}, b"{}") == 200


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n", b"HTTP/1.1 103 x\r\n" + b"y" * 70_000],
    ids=["nothing", "ssh", "words", "endless head"],
)
def test_what_is_no_http(hooks: Receiver, said: bytes) -> None:
    """Whatever is no answer is none, and is not read beyond 64 KiB (S53)."""
    hooks.says(said)
    assert failure(hooks.outward(), hooks.url) == Failure.NOT_HTTP


def test_who_is_slow_is_left(hooks: Receiver) -> None:
    """A post has one deadline: who sends a byte now and then does not put it off (S53)."""
    done = threading.Event()

    def dripping(line: ssl.SSLSocket) -> None:
        for byte in b"HTTP/1.1 2" * 100:
            if done.wait(0.05):
                return
            line.sendall(bytes([byte]))

    hooks.answer = dripping
    assert failure(hooks.outward(timeout_s=0.4), hooks.url) == Failure.TIMED_OUT
    done.set()


def test_nobody_there(tmp_path: Path, hooks: Receiver) -> None:
    """A port at which nobody listens is said to be one."""
    del tmp_path
    closed = hooks.url.replace(str(hooks.port), "1")
    assert failure(hooks.outward(), closed) == Failure.NO_CONNECTION

"""The wire of a chaos run does as it is told: else a fault that never came would prove nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chaos.cut import Wire, wire
from infra.wait import free_port


def a_listener() -> socket.socket:
    there = socket.create_server(("127.0.0.1", 0))
    there.settimeout(10)
    return there


def port_of(there: socket.socket) -> int:
    return int(there.getsockname()[1])


@contextmanager
def joined(laid: Wire, there: socket.socket) -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_connection(("127.0.0.1", laid.port), 10) as near, there.accept()[0] as far:
        far.settimeout(10)
        yield near, far


def test_what_is_held_arrives_later() -> None:
    """Nothing of it is lost, as when packets are: they come again."""
    with a_listener() as there, wire(port_of(there)) as laid, joined(laid, there) as (near, far):
        laid.mode = "held"
        near.sendall(b"question")
        far.settimeout(0.3)
        with pytest.raises(TimeoutError):
            far.recv(100)
        far.settimeout(10)
        laid.mode = "through"
        assert far.recv(100) == b"question"


def test_what_is_cut_never_arrives() -> None:
    """Neither then nor later."""
    with a_listener() as there, wire(port_of(there)) as laid, joined(laid, there) as (near, far):
        laid.mode = "cut"
        near.sendall(b"question")
        far.settimeout(0.3)
        with pytest.raises(TimeoutError):
            far.recv(100)
        laid.mode = "through"
        near.sendall(b"again")
        assert far.recv(100) == b"again"


def test_of_several_each_is_led_to_the_next_that_is_there() -> None:
    """As a balancer does it: whoever is gone is passed over."""
    with a_listener() as one, a_listener() as other:
        with wire(port_of(one), port_of(other)) as laid:
            for there in (one, other, one):
                with joined(laid, there):
                    pass
        with wire(free_port(), port_of(other)) as laid, joined(laid, other) as (near, far):
            near.sendall(b"question")
            assert far.recv(100) == b"question"

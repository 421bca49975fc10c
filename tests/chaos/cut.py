"""A wire that can be cut: a TCP proxy between a gate and its office, which does as it is told.

through    both ways
cut        nothing arrives on either side, and nobody is told so
deaf       the office's answers are lost
mute       the gate's questions are lost
forged     the last byte of each answer is another one
replayed   each question is given the answer that was given before the fault
held       nothing arrives on either side until it is through again, and then all of it does
"""

from __future__ import annotations

import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Literal

Mode = Literal["through", "cut", "deaf", "mute", "forged", "replayed", "held"]

_PIECE: Final = 1 << 16
_TURN_S: Final = 0.2
_LOOK_S: Final = 0.01


class Wire:
    """Carries what comes to a port of this machine to another one.

    Of several, each connection goes to the next one that is there, as a balancer has it.
    """

    def __init__(self, *to: int) -> None:
        self._to = deque(to)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()
        self._answer = b""
        self.mode: Mode = "through"

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    def start(self) -> None:
        """Begin to carry."""
        threading.Thread(target=self._accept, daemon=True).start()

    def end(self) -> None:
        """Carry nothing any more."""
        self._ended.set()
        self._listening.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        far = self._reached()
        if far is None:
            near.close()
            return
        with near, far:
            for line in (near, far):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line.settimeout(_TURN_S)
            back = threading.Thread(target=self._answers, args=(far, near), daemon=True)
            back.start()
            self._questions(near, far)
            back.join()

    def _reached(self) -> socket.socket | None:
        for port in tuple(self._to):
            self._to.rotate(-1)
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), 1)
        return None

    def _questions(self, near: socket.socket, far: socket.socket) -> None:
        for piece in self._pieces(near, far):
            with suppress(OSError):
                if self.mode == "replayed":
                    near.sendall(self._answer)
                elif self.mode not in {"cut", "mute"}:
                    far.sendall(piece)

    def _answers(self, far: socket.socket, near: socket.socket) -> None:
        for piece in self._pieces(far, near):
            with suppress(OSError):
                if self.mode == "through":
                    self._answer = piece
                    near.sendall(piece)
                elif self.mode == "forged":
                    near.sendall(piece[:-1] + bytes([piece[-1] ^ 1]))
                elif self.mode == "mute":
                    near.sendall(piece)

    def _pieces(self, line: socket.socket, other: socket.socket) -> Iterator[bytes]:
        """Yield what comes until one side hangs up; then the other one is hung up on."""
        with suppress(OSError):
            while not self._ended.is_set():
                try:
                    piece = line.recv(_PIECE)
                except TimeoutError:
                    continue
                if not piece:
                    break
                while self.mode == "held" and not self._ended.is_set():
                    time.sleep(_LOOK_S)
                yield piece
        with suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(*to: int) -> Iterator[Wire]:
    """Lay a wire to a port of this machine, or to one of several."""
    laid = Wire(*to)
    laid.start()
    try:
        yield laid
    finally:
        laid.end()

"""What is measured of a server: three questions, each proved to be answered before it is timed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any, Final

from bench.peers.load import Target

PAGE: Final = 20
_NO_PASS: Final = {401, 403}
_SAMPLE: Final = 50


class WrongError(Exception):
    """A server does not do what would be measured, so it is not measured."""


@dataclass(frozen=True, slots=True)
class Question:
    """One kind of request.

    Attributes:
        requests: path and body of each; a body makes it a POST.
        titles: reads the titles of the articles out of an answer.
    """

    requests: Sequence[tuple[str, str]]
    titles: Callable[[Any], list[str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that runs: the three questions under its token.

    `pid` is the first of its processes.
    """

    name: str
    port: int
    pid: int
    token: str
    questions: Mapping[str, Question]

    def target(self, name: str) -> Target:
        """Return the requests of a question as they go over the wire."""
        asked = self.questions[name].requests
        return Target(self.port, [self._spelled(path, body) for path, body in asked])

    def prove(self, expected: Sequence[str]) -> None:
        """Return if it answers its token with these articles, and nobody else with any.

        Raises:
            WrongError: naming what is wrong.
        """
        for name, question in self.questions.items():
            seen: list[str] = []
            for path, body in question.requests[:_SAMPLE]:
                status, answer = self._ask(path, body, self.token)
                found = question.titles(answer) if status == 200 else []  # noqa: PLR2004 - OK
                if not found or not set(found) <= set(expected):
                    raise self._wrong(name, f"{status} {answer!r}"[:300])
                seen += found
            wanted = min(len(question.requests), _SAMPLE) if name == "one" else PAGE
            if len(set(seen)) != wanted:
                raise self._wrong(name, f"{len(set(seen))} different articles, not {wanted}")
            for token in ("", self.token[:-2] + "zz"):
                status, answer = self._ask(*question.requests[0], token)
                if status not in _NO_PASS and not _says_forbidden(answer):
                    raise self._wrong(name, f"{status} without a good token: {answer!r}"[:300])

    def _wrong(self, question: str, what: str) -> WrongError:
        return WrongError(f"{self.name}, {question}: {what}")

    def _ask(self, path: str, body: str, token: str) -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body:
            headers["Content-Type"] = "application/json"
        try:
            connection.request("POST" if body else "GET", path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def _spelled(self, path: str, body: str) -> bytes:
        lines = [
            f"{'POST' if body else 'GET'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.token}",
            "Accept: application/json",
        ]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii")


def _says_forbidden(answer: Any) -> bool:  # noqa: ANN401 - JSON
    """GraphQL says with 200 that nothing may be seen."""
    return bool(answer.get("errors")) and not any((answer.get("data") or {}).values())

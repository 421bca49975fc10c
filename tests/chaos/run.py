"""One fault, under load: gates are asked without a pause while tokens are revoked."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from itertools import cycle
from typing import Any, Final

from chaos.faults import Fault
from chaos.history import History
from chaos.house import House
from chaos.running import Victim

AT_ONCE = 40
"""So many tokens are asked about in one question."""
WAYS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("DELETE", {}), ("PATCH", {"enabled": False}), ("PATCH", {"roots": []})
)  # fmt: skip
"""How power is taken from a token: it is revoked, or disabled, or let in nowhere any more."""
_PATIENCE_S = 10.0
_ELSEWHERE_S = 2.5
"""Whoever is not answered for so long asks another office, if there is one."""
_REST_S = 0.2


class Run:
    """What goes on while a fault comes and goes: gates are asked, with a pause or without."""

    def __init__(self, house: House, pause_s: float = 0.0) -> None:
        self.house = house
        self._pause_s = pause_s
        self.history = History()
        self._over = threading.Event()
        self._rounds = 0
        self._failed: Exception | None = None
        self._recent: deque[Victim] = deque(maxlen=AT_ONCE // 2)
        self._alive = house.victims[: AT_ONCE // 2]
        self._offices = cycle(enumerate(house.offices))
        self._patience_s = _PATIENCE_S if len(house.offices) == 1 else _ELSEWHERE_S

    def through(self, fault: Fault, revocations: int, rounds: int) -> History:
        """Revoke so many tokens at least while the fault comes and goes; return what happened.

        It comes that often at least. Whatever keeps it from that is raised.
        """
        threads = [threading.Thread(target=self._comes_and_goes, args=(fault,))]
        threads += [
            threading.Thread(target=self._ask, args=(number,))
            for number in range(len(self.house.gates))
        ]
        for one in threads:
            one.start()
        try:
            self._revoke(revocations, rounds)
        finally:
            self._over.set()
            for one in threads:
                one.join()
        if self._failed is not None:
            raise self._failed
        return self.history

    def _comes_and_goes(self, fault: Fault) -> None:
        try:
            while not self._over.is_set():
                fault.begin(self.house)
                self._over.wait(fault.lasts_s)
                fault.over(self.house)
                self._over.wait(fault.rests_s)
                self._rounds += 1
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._failed = error

    def _revoke(self, many: int, rounds: int) -> None:
        managers = cycle(self.house.managers)
        done = 0
        while (done < many or self._rounds < rounds) and len(self.house.victims) > AT_ONCE:
            if self._failed is not None:
                return
            victim = self.house.victims.pop()
            self._recent.append(victim)
            while not self._is_revoked(victim, next(managers)):
                time.sleep(0.05)
            done += 1
            if done >= many:  # the fault is to come and go yet: tokens shall last until it has
                self._over.wait(_REST_S)

    def _is_revoked(self, victim: Victim, manager: str) -> bool:
        """Take a token's power; what was not answered was not promised, and is asked for again."""
        began = time.monotonic()
        number, office = next(self._offices)
        line = HTTPConnection("127.0.0.1", office.port, timeout=self._patience_s)
        try:
            said = {"Authorization": f"Bearer {manager}", "Content-Type": "application/json"}
            verb, attributes = WAYS[victim.id % len(WAYS)]
            data = {"type": "api_token", "id": str(victim.id), "attributes": attributes}
            body = json.dumps({"data": data}) if attributes else None
            line.request(verb, f"/cma/api_tokens/{victim.id}", body, headers=said)
            answer = line.getresponse()
            told = json.loads(answer.read())
        except (OSError, HTTPException, ValueError):
            return False
        finally:
            line.close()
        if answer.status != 200 or told["meta"]["effective"] != "everywhere":
            return False
        self.history.revoked(victim.id, began, time.monotonic(), number)
        return True

    def _ask(self, number: int) -> None:
        line: HTTPConnection | None = None
        while not self._over.is_set():
            if line is None:
                port = self.house.gates[number].port
                line = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
            victims = [*self._alive, *tuple(self._recent)]
            questions = [
                {"token": one.text, "action": "content:read", "resource": {"node": self.house.root}}
                for one in victims
            ]
            began = time.monotonic()
            try:
                line.request("POST", "/authz/decision", json.dumps(questions))
                answers = json.loads(line.getresponse().read())
            except (OSError, HTTPException, ValueError):
                with suppress(OSError):
                    line.close()
                line = None
                self.history.silent(len(victims))
                time.sleep(0.05)
                continue
            self._heard(number, began, victims, answers)
            if self._pause_s:
                time.sleep(self._pause_s)
        if line is not None:
            line.close()

    def _heard(
        self, number: int, began: float, victims: list[Victim], answers: list[dict[str, object]]
    ) -> None:
        pairs = list(zip(victims, answers, strict=True))
        decided = [(one, said) for one, said in pairs if said["reason"] != "NOT_READY"]
        let_in = [one.id for one, said in decided if said["allowed"]]
        self.history.asked(number, began, len(decided), let_in)
        good = {one.id for one in self._alive}
        self.history.refused(sum(one.id in good and not said["allowed"] for one, said in decided))
        if len(decided) < len(pairs):
            self.history.silent(len(pairs) - len(decided))
            time.sleep(0.02)

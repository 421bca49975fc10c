"""A Postgres that is restarted, as a machine does that dies, or stands still, as one that swaps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from infra.postgres import Cluster, own_postgres


class Postgres:
    """One that the office of a house has for itself."""

    def __init__(self, cluster: Cluster) -> None:
        self._first = cluster
        self._now = cluster
        self._again = ExitStack()

    @property
    def url(self) -> str:
        """Where it is."""
        return self._first.url()

    def kill(self) -> None:
        """End it at once, with all who are connected; it recovers from its log when it begins."""
        self._now.process.send_signal(signal.SIGQUIT)
        self._now.process.wait()

    def begin(self) -> None:
        """Run it anew at the same port."""
        self._again.close()
        self._now = self._again.enter_context(self._first.begun_again())

    def tell(self, what: signal.Signals) -> None:
        """Send all of its processes a signal."""
        self._now.tell_all(what)

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Postgres]:
        """Run one, and take it away with all that it holds."""
        with own_postgres() as cluster:
            one = cls(cluster)
            try:
                yield one
            finally:
                one._again.close()

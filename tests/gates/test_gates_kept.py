"""What is said over NATS is kept there, once the servers are able to."""

from __future__ import annotations

from pathlib import Path

from counterfoil.runtime.bus import Bus
from counterfoil.runtime.entrance import Entrance
from infra.nats import nats_servers
from infra.wait import wait_until

SUBJECT = "counterfoil.test"


def test_servers_that_have_no_leader_yet_are_asked_again(tmp_path: Path) -> None:
    """An office that begins before most of them goes on asking, and has three keep it (R7)."""
    with nats_servers(tmp_path / "nats", many=3) as servers:
        first, *others = servers.nodes
        for one in others:
            one.kill()
        bus = Bus(Entrance((f"nats://127.0.0.1:{first.port}",)), SUBJECT, keeps=True)
        bus.start()
        try:
            assert bus.wait_up(30)
            wait_until(lambda: bus.keeps_not, "it to be asked in vain")
            servers.heal()
            wait_until(servers.leader, "the stream to be there")
            bus.publish(b"frame", "1")
            wait_until(bus.last, "a frame to be kept")
            assert servers.replicas() == 3
        finally:
            bus.stop()

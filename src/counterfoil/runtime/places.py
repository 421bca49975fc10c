"""Where an installation lies: what is in its data directory, and nothing else is."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.runtime.lasting import make_folder

_OTHERS: Final = 0o077
_PRIVATE: Final = 0o700


def typed(command: str, data_dir: Path) -> str:
    """Return a command about the installation in a directory, as it can be pasted."""
    return f"counterfoil {command} --data-dir {shlex.quote(str(data_dir))}"


@dataclass(frozen=True, slots=True)
class Places:
    """The data directory of one host.

    Attributes:
        data_dir: holds the embedded database, the replica and the counters of this host.
    """

    data_dir: Path

    @property
    def office_file(self) -> Path:
        """Where the embedded database lies."""
        return self.data_dir / "office.sqlite"

    @property
    def replica_dir(self) -> Path:
        """Where the gates of this host have their replica."""
        return self.data_dir / "replica"

    @property
    def limits_file(self) -> Path:
        """Where the workers of this host count requests together."""
        return self.data_dir / "limits"

    @property
    def clock_file(self) -> Path:
        """Where this host remembers the latest time that it believed."""
        return self.data_dir / "clock"

    @property
    def ballast_file(self) -> Path:
        """What is let go when the disk is full."""
        return self.data_dir / "ballast"

    @property
    def ballast_lock(self) -> Path:
        """What the one of this host holds that takes it back."""
        return self.data_dir / "ballast.lock"

    @property
    def cursor_key_file(self) -> Path:
        """Where the key lies under which cursors are sealed."""
        return self.data_dir / "cursor.key"

    @property
    def restoring_dir(self) -> Path:
        """Where a backup lies while it is put back; what is left of that was never finished."""
        return self.data_dir / "restoring"

    @property
    def copying_dir(self) -> Path:
        """Where a backup is made that goes to standard output."""
        return self.data_dir / "copying"

    @property
    def handing_dir(self) -> Path:
        """Where copies of the replica lie while gates on other hosts are handed them."""
        return self.data_dir / "handing"

    @property
    def audit_key_file(self) -> Path:
        """Where the key lies that signs the audit trail: the same at every host of an office."""
        return self.data_dir / "audit.key"

    @property
    def seal_key_file(self) -> Path:
        """Where the key lies that seals tokens in the database: the same at every host."""
        return self.data_dir / "seal.key"

    @property
    def new_seal_key_file(self) -> Path:
        """Where that key lies until what it seals is committed."""
        return self.data_dir / "seal.key.new"

    @property
    def whole_file(self) -> Path:
        """Says that this host has seen the directory sealed, and takes no database that is not."""
        return self.data_dir / "seal.whole"

    @property
    def cut_offs_file(self) -> Path:
        """Says that this host has seen a cut-off of every organization, and misses none since."""
        return self.data_dir / "seal.cut-offs"

    @property
    def settled_file(self) -> Path:
        """Says that this host began its database, has followed it, or shut it as a copy."""
        return self.data_dir / "settled"

    @property
    def audit_seen_file(self) -> Path:
        """Where this host remembers what it has last seen of the audit trail."""
        return self.data_dir / "audit.seen"

    @property
    def witness_dir(self) -> Path:
        """Where a gate keeps the checkpoints of the audit trail of its office, on another host."""
        return self.data_dir / "audit.witness"

    @property
    def audit_told_file(self) -> Path:
        """Where this host remembers how much of the audit trail it has sent elsewhere."""
        return self.data_dir / "audit.told"

    @property
    def gate_key_file(self) -> Path:
        """Where the key lies by which the gateway of this host signs its word."""
        return self.data_dir / "gate.key"

    @property
    def gate_lease_file(self) -> Path:
        """Where the gate of this host keeps its lease, if its office is on another one."""
        return self.data_dir / "gate.lease"

    def is_offices(self) -> bool:
        """Say whether an office lies here, and not only a gate whose office is on another host."""
        return self.office_file.exists() or self.feed_key_file.exists()

    @property
    def office_lease_file(self) -> Path:
        """Where this host keeps its own lease, if its office shares a database with others."""
        return self.data_dir / "office.lease"

    @property
    def feed_key_file(self) -> Path:
        """Where the key lies that signs the feed: the same at every host of an office."""
        return self.data_dir / "feed.key"

    @property
    def gate_meters_file(self) -> Path:
        """Where the processes of the gateway count together."""
        return self.data_dir / "gate.meters"

    @property
    def office_meters_file(self) -> Path:
        """Where the processes of the office count together."""
        return self.data_dir / "office.meters"

    @property
    def meters_lock(self) -> Path:
        """What the one of this host holds that counts the tokens."""
        return self.data_dir / "meters.lock"

    @property
    def decisions_dir(self) -> Path:
        """Where the gateway writes what it decided, until the office has it."""
        return self.data_dir / "decisions"

    @property
    def fetcher_lock(self) -> Path:
        """What the one of this host holds that takes decisions into the office."""
        return self.data_dir / "fetcher.lock"

    @property
    def follower_lock(self) -> Path:
        """What the one follower of this host holds."""
        return self.data_dir / "follower.lock"

    @property
    def scrub_lock(self) -> Path:
        """What the one of this host holds that counts what stands in the replica."""
        return self.data_dir / "scrub.lock"

    @property
    def leases_lock(self) -> Path:
        """What the one of this host holds that watches the leases of gates; it says when it did."""
        return self.data_dir / "leases.lock"

    @property
    def announcer_lock(self) -> Path:
        """What the one of this host holds that tells gates what is new."""
        return self.data_dir / "announcer.lock"

    @property
    def leases_file(self) -> Path:
        """Where the processes of the office keep which leases they have given."""
        return self.data_dir / "gates.leases"

    @property
    def bells_dir(self) -> Path:
        """Where each process has pipes that wait for something to happen."""
        return self.data_dir / "bells"

    @property
    def sweeper_lock(self) -> Path:
        """What the one sweeper of this host holds."""
        return self.data_dir / "sweeper.lock"

    @property
    def scheduler_lock(self) -> Path:
        """What the one of this host holds that carries out schedules."""
        return self.data_dir / "scheduler.lock"

    @property
    def auditor_lock(self) -> Path:
        """What the one of this host holds that signs the audit trail."""
        return self.data_dir / "auditor.lock"

    @property
    def webhooks_lock(self) -> Path:
        """What the one of this host holds that tells webhooks."""
        return self.data_dir / "webhooks.lock"

    @property
    def teller_lock(self) -> Path:
        """What the one of this host holds that sends the audit trail elsewhere."""
        return self.data_dir / "teller.lock"

    @property
    def mailer_lock(self) -> Path:
        """What the one of this host holds that sends mail."""
        return self.data_dir / "mailer.lock"

    def strangers(self, *known: Path) -> list[Path]:
        """Return what lies in the data directory and is none of ours, nor known to be."""
        ours = {
            *known,
            self.replica_dir,
            self.limits_file,
            *map(self.ballast_file.with_suffix, ("", ".new", ".lock")),
            self.clock_file,
            self.cursor_key_file,
        }
        ours |= {
            self.copying_dir,
            self.follower_lock,
            self.scrub_lock,
            self.leases_lock,
            self.announcer_lock,
            self.leases_file,
            self.bells_dir,
            self.sweeper_lock,
            self.scheduler_lock,
            self.mailer_lock,
            self.webhooks_lock,
            self.auditor_lock,
            self.audit_key_file,
            self.audit_seen_file,
            self.seal_key_file,
            self.new_seal_key_file,
            self.whole_file,
            self.cut_offs_file,
            self.settled_file,
            self.handing_dir,
            self.audit_told_file,
            self.witness_dir,
            self.teller_lock,
            self.gate_key_file,
            *self.data_dir.glob(f"{self.gate_meters_file.name}*"),
            self.meters_lock,
            *self.data_dir.glob(f"{self.office_meters_file.name}-*"),
            self.gate_lease_file,
            self.office_lease_file,
            self.feed_key_file,
            self.decisions_dir,
            self.decisions_dir.with_name("decisions.lock"),
            self.fetcher_lock,
            self.office_file,
            *map(self.office_file.with_suffix, (".lock", ".witness")),
        }
        ours |= {Path(f"{self.office_file}-{tail}") for tail in ("wal", "shm", "journal")}
        there = self.data_dir.iterdir() if self.data_dir.exists() else ()
        return sorted(path for path in there if path not in ours)

    def prepare(self) -> None:
        """Make the data directory, or narrow it, for the owner alone."""
        make_folder(self.data_dir)
        if self.data_dir.stat().st_mode & _OTHERS:
            self.data_dir.chmod(_PRIVATE)

"""Settings: where things lie and how the server listens. Only app, cli and migrations read them.

Everything has a default but the data directory. The environment may say otherwise; it is read once
at the start of a process and forgotten (`forget`), so that no request ever sees it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.usual import USUAL_BALLAST_MB, USUAL_PORT
from counterfoil.runtime.places import Places
from counterfoil.runtime.variables import (
    PREFIX,
    Network,
    SettingError,
    base,
    buses,
    database,
    fit,
    mail,
    networks,
    number,
    one_of,
    syslog,
)
from counterfoil.secret import PREFIX_FORM

__all__ = ["PREFIX", "SettingError", "Settings", "forget", "forget_store", "load"]

_HIGHEST_PORT: Final = 65_535
_MOST_WORKERS: Final = 64
_MOST_THREADS: Final = 256
_FEWEST_WAITING: Final = 4
_LONGEST_S: Final = 3_600
_MOST_MB: Final = 65_536
_PROXY_HEADER: Final = re.compile(r"(?i)x-forwarded-for|[a-z][a-z0-9]{0,63}")
"""Servers make one name of X-Real-IP and X_Real_IP: of other names with a hyphen, anybody sends the
second one."""

_OF_PROXY: Final = "X-Forwarded-For, or a name of letters and digits alone"
_PREFIX: Final = "two to eight small letters"
_SENDER: Final = "an address like counterfoil@cms.example.com"
_LEVELS: Final = "debug, info, warning or error"
_HOST: Final = re.compile(r"[A-Za-z0-9._:-]+")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Settings(Places):
    """How one installation runs, beside where it lies.

    Attributes:
        database_url: where the database is, `postgresql://user@host/name`; empty for the embedded
            one.
        base_url: how clients reach us, and our name as an issuer, without a slash at its end; empty
            if that is from this machine alone.
        files: where the files of assets lie, which all hosts of an installation share: a folder, or
            `s3://bucket/prefix`; empty for a folder in the data directory.
        revocations: the folder of this host's journal of revocations, from which a restored backup
            is told what was revoked since: best on another disk than the data directory, in which
            it is otherwise.
        join: whether a host that knows nothing of its database serves it, although no other host
            does, `on` or `off`: for the first start of one more host, or of one whose data
            directory was lost. Never for a database that was put back from a copy.
        prefix: how the tokens of a new installation begin: two to eight small letters, `cf` if
            nothing is said. It is kept with the installation, and another one is refused later.
        host: the address to listen at.
        port: the port to listen at.
        workers: how many processes answer.
        threads: requests served at a time in each worker, and connections to the database. Half as
            many again, and four at least, keep gates on other hosts waiting for news.
        body_timeout: seconds for which a client may send nothing in the middle of a body, before
            its line is cut.
        ready_mb: megabytes of answers that each worker has ready, to give them again while nothing
            has changed; 0 has every one read anew.
        ballast_mb: megabytes that are kept on the disk of this host, and let go when it is full, so
            that tokens can be revoked; 0 keeps none.
        audit_strict: whether reads go on record before they are answered, in every organization;
            otherwise its policy says so. `strict` or `batched`.
        mail: how notices leave by mail: `smtp://host`, `smtp+starttls://user:password@host` or
            `smtps://user:password@host`, each with a port if need be; `console:` prints them. Empty
            for none: then they stand in the pages alone.
        mail_from: the address that they come from; `counterfoil@` the host of the base URL
            otherwise.
        syslog: where this host sends each entry of the audit trail: `syslog+tls://host`, with a
            port if it is not 6514; `syslog+tcp://localhost` on this machine. Empty for nowhere.
        nats: where gates on other hosts are told at once what is new, `tls://host`, with a port if
            it is not 4222; several parted by commas; `nats://localhost` on this machine. Empty for
            no bus: then they ask this server alone.
        nats_credentials: the file by which that is entered: a NATS credentials file, or
            `user:password`; empty if anybody may.
        trusted_proxies: the networks of the proxies in front, which are believed when they say whom
            they speak for: addresses or ranges, parted by commas; none by default.
        proxy_header: where those proxies say it: `X-Forwarded-For`, which is safe behind a proxy
            that drops names with an underscore; else `Forwarded`, or a name of letters and digits
            alone that the proxies set on each request.
        providers: the TOML file of the OpenID providers by which people sign in; empty for none.
        webhook_networks: private networks to which webhooks may go, parted by commas; on this
            machine then without TLS too. None by default.
        passwords: whether people sign in with passwords too, `on` or `off`; at `off` only a
            provider lets them in, and sessions that a password began are over.
        leak_keys: where the public keys are by which reports of leaked tokens are signed at
            `/leaks/github`: `github` for GitHub's own address, which is asked then, another https
            address, or a file; empty if none are taken.
        metrics_secret_file: holds what Prometheus presents as a bearer at `/metrics`; empty if
            nobody is told.
        log_level: how much goes into the log: debug, info, warning or error.
    """

    database_url: str = ""
    base_url: str = ""
    files: str = ""
    revocations: str = ""
    join: bool = False
    prefix: str = ""
    host: str = "127.0.0.1"
    port: int = USUAL_PORT
    workers: int = 2
    threads: int = 8
    body_timeout: int = 30
    ready_mb: int = 32
    ballast_mb: int = USUAL_BALLAST_MB
    audit_strict: bool = False
    mail: str = ""
    mail_from: str = ""
    syslog: str = ""
    nats: str = ""
    nats_credentials: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    proxy_header: str = "X-Forwarded-For"
    providers: str = ""
    webhook_networks: tuple[Network, ...] = ()
    passwords: bool = True
    leak_keys: str = ""
    metrics_secret_file: str = ""
    log_level: str = "info"

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.office_file}"

    @property
    def files_dir(self) -> Path:
        """Where the files of assets lie, and the key under which their uploads are signed."""
        elsewhere = self.files and not self.bucket
        return Path(self.files).absolute() if elsewhere else self.data_dir / "files"

    @property
    def revocations_dir(self) -> Path:
        """Where the journal of revocations lies."""
        given = self.revocations
        return Path(given).absolute() if given else self.data_dir / "revocations"

    @property
    def waiting(self) -> int:
        """How many gates on other hosts each worker keeps waiting for news, in threads for that."""
        return max(_FEWEST_WAITING, self.threads // 2)

    @property
    def bucket(self) -> str:
        """The bucket in which files lie instead, `s3://bucket/prefix`; empty if they do not."""
        return self.files if self.files.startswith("s3://") else ""

    @property
    def sender(self) -> str:
        """The address that mail comes from."""
        ours = f"counterfoil@{urlsplit(self.base_url).hostname or 'localhost'}"
        return self.mail_from or (ours if _ADDRESS.fullmatch(ours) else "counterfoil@localhost")

    def as_environment(self) -> dict[str, str]:
        """Say all of it in variables, for a worker process to `load`."""
        return {
            f"{PREFIX}DATA_DIR": str(self.data_dir),
            f"{PREFIX}DATABASE_URL": self.database_url,
            f"{PREFIX}BASE_URL": self.base_url,
            f"{PREFIX}FILES": self.files,
            f"{PREFIX}REVOCATIONS": self.revocations,
            f"{PREFIX}JOIN": "on" if self.join else "off",
            f"{PREFIX}PREFIX": self.prefix,
            f"{PREFIX}HOST": self.host,
            f"{PREFIX}PORT": str(self.port),
            f"{PREFIX}WORKERS": str(self.workers),
            f"{PREFIX}THREADS": str(self.threads),
            f"{PREFIX}BODY_TIMEOUT": str(self.body_timeout),
            f"{PREFIX}READY_MB": str(self.ready_mb),
            f"{PREFIX}BALLAST_MB": str(self.ballast_mb),
            f"{PREFIX}AUDIT": "strict" if self.audit_strict else "batched",
            f"{PREFIX}MAIL": self.mail,
            f"{PREFIX}MAIL_FROM": self.mail_from,
            f"{PREFIX}SYSLOG": self.syslog,
            f"{PREFIX}NATS": self.nats,
            f"{PREFIX}NATS_CREDENTIALS": self.nats_credentials,
            f"{PREFIX}TRUSTED_PROXIES": ",".join(map(str, self.trusted_proxies)),
            f"{PREFIX}PROXY_HEADER": self.proxy_header,
            f"{PREFIX}PROVIDERS": self.providers,
            f"{PREFIX}WEBHOOK_NETWORKS": ",".join(map(str, self.webhook_networks)),
            f"{PREFIX}PASSWORDS": "on" if self.passwords else "off",
            f"{PREFIX}LEAK_KEYS": self.leak_keys,
            f"{PREFIX}METRICS_SECRET_FILE": self.metrics_secret_file,
            f"{PREFIX}LOG_LEVEL": self.log_level,
        }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        SettingError: naming the variable that is missing or wrong.
    """
    given = os.environ if environ is None else environ
    if not (directory := given.get(f"{PREFIX}DATA_DIR", "")):
        raise SettingError(f"{PREFIX}DATA_DIR is not set: it is where the installation lies")
    port = number(given, "PORT", USUAL_PORT, 0, _HIGHEST_PORT)
    prefix = given.get(f"{PREFIX}PREFIX", "")
    fit("PREFIX", not prefix or PREFIX_FORM.fullmatch(prefix) is not None, _PREFIX)
    host = given.get(f"{PREFIX}HOST") or "127.0.0.1"
    fit("HOST", _HOST.fullmatch(host) is not None, "an address to listen at, like 0.0.0.0")
    header = given.get(f"{PREFIX}PROXY_HEADER") or "X-Forwarded-For"
    fit("PROXY_HEADER", _PROXY_HEADER.fullmatch(header) is not None, _OF_PROXY)
    sender = given.get(f"{PREFIX}MAIL_FROM", "")
    fit("MAIL_FROM", not sender or _ADDRESS.fullmatch(sender) is not None, _SENDER)
    level = (given.get(f"{PREFIX}LOG_LEVEL") or "info").lower()
    fit("LOG_LEVEL", level in {"debug", "info", "warning", "error"}, _LEVELS)
    return Settings(
        data_dir=Path(directory).absolute(),
        database_url=database(given.get(f"{PREFIX}DATABASE_URL", "")),
        base_url=base(given.get(f"{PREFIX}BASE_URL", "")),
        files=given.get(f"{PREFIX}FILES", ""),
        revocations=given.get(f"{PREFIX}REVOCATIONS", ""),
        join=one_of(given, "JOIN", "off", "on") == "on",
        prefix=prefix,
        host=host,
        port=port,
        workers=number(given, "WORKERS", 2, 1, _MOST_WORKERS),
        threads=number(given, "THREADS", 8, 1, _MOST_THREADS),
        body_timeout=number(given, "BODY_TIMEOUT", 30, 1, _LONGEST_S),
        ready_mb=number(given, "READY_MB", 32, 0, _MOST_MB),
        ballast_mb=number(given, "BALLAST_MB", USUAL_BALLAST_MB, 0, _MOST_MB),
        audit_strict=one_of(given, "AUDIT", "batched", "strict") == "strict",
        mail=mail(given.get(f"{PREFIX}MAIL", "")),
        mail_from=sender,
        syslog=syslog(given.get(f"{PREFIX}SYSLOG", "")),
        nats=buses(given.get(f"{PREFIX}NATS", "")),
        nats_credentials=given.get(f"{PREFIX}NATS_CREDENTIALS", ""),
        trusted_proxies=networks(given, "TRUSTED_PROXIES"),
        proxy_header=header,
        providers=given.get(f"{PREFIX}PROVIDERS", ""),
        webhook_networks=networks(given, "WEBHOOK_NETWORKS"),
        passwords=one_of(given, "PASSWORDS", "on", "off") == "on",
        leak_keys=given.get(f"{PREFIX}LEAK_KEYS", ""),
        metrics_secret_file=given.get(f"{PREFIX}METRICS_SECRET_FILE", ""),
        log_level=level,
    )


def forget(environ: MutableMapping[str, str] | None = None) -> None:
    """Take out of the environment what a server would copy into every request.

    Ours would show the address of the database there, and `HTTP_PROXY` would pass for a header.
    """
    present = os.environ if environ is None else environ
    for name in [name for name in present if name.startswith(("HTTP_", PREFIX))]:
        del present[name]


def forget_store(environ: MutableMapping[str, str] | None = None) -> None:
    """Take out of the environment how a store of files is reached, once that is known."""
    present = os.environ if environ is None else environ
    for name in [name for name in present if name.startswith("AWS_")]:
        del present[name]

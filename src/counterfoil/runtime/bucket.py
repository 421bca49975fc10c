"""Files in an S3 bucket: the same as in a folder, for installations of several hosts.

An upload goes under a name of its own first. What makes it the one that came is a small object
beside it, which is written only if there is none yet: so of two, one is first. Adopting copies it
within the store. Nothing is held in memory but a part on its way.

The store is reached as the usual variables say: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
`AWS_REGION`, and `AWS_ENDPOINT_URL` where it is another one than Amazon's.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.runtime.files import (
    HEAD,
    KEEP,
    MOST_WAITING,
    PIECE,
    Filed,
    FullError,
    ShortError,
    require_at_most,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig

_DONE: Final = "/done"
_KEY: Final = "upload.key"
_KEY_BYTES: Final = 32
_PART: Final = 5 * 1024 * 1024
"""How large a part of an upload is: the least that S3 takes."""
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_RETRIES: Final[RetryConfig] = {"max_retries": 2, "retry_timeout": timedelta(seconds=10)}


class _Came(msgspec.Struct, frozen=True, array_like=True):
    """Which object is the one that came under a name, and what is in it."""

    draft: str
    sha256: str
    size: int


class Bucket:
    """The files of an installation, in a bucket and under a prefix of it.

    Args:
        url: `s3://bucket/prefix`.
        entropy: where the names of drafts come from, and the key, if there is none yet.
        most: as how many bytes an owner's uploads may wait.
    """

    def __init__(self, url: str, entropy: Entropy, most: int = MOST_WAITING) -> None:
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        client: ClientConfig = {"allow_http": plain, "connect_timeout": "5s", "timeout": "300s"}
        self._store = S3Store.from_url(url, client_options=client, retry_config=_RETRIES)
        self._entropy = entropy
        self._most = most
        self._sealed: bytes | None = None

    @property
    def key(self) -> bytes:
        """The key under which uploads are signed: that of all hosts which share the bucket."""
        if self._sealed is None:
            with _reached():
                self._sealed = self._read_key() or self._make_key()
        return self._sealed

    def is_received(self, owner: int, name: str) -> bool:
        """Say whether an upload of this name has come."""
        return self._came(owner, name) is not None

    def require_room(self, owner: int, size: int = 0) -> None:
        """Raise FullError if too many bytes wait to be adopted, or would with so many more."""
        listed = self._listed(f"{owner}/incoming/")
        waiting = (one["size"] for one in listed if not one["path"].endswith(_DONE))
        require_at_most(self._most, waiting, size)

    def receive(self, owner: int, name: str, pieces: Iterable[bytes], least: int = 0) -> None:
        """Send an upload on to the store, whole or not at all.

        Raises:
            FileExistsError: if another one came under this name.
            ShortError: if it has fewer than `least` bytes.
            FullError: if too many bytes wait already, or would with this upload.
        """
        self.require_room(owner, max(least, 1))
        draft = f"{_incoming(owner, name)}/{self._entropy(16).hex()}"
        flow = _Digesting(pieces, least)
        with _reached():
            obstore.put(self._store, draft, flow, use_multipart=True, chunk_size=_PART)
            came = _Came(draft, flow.digest.hexdigest(), flow.size)
        try:
            # Of several at once each sees the others' drafts: together they are not too many.
            self.require_room(owner)
        except FullError:
            with _reached():
                obstore.delete(self._store, draft)
            raise
        with _reached():
            try:
                obstore.put(
                    self._store, _done(owner, name), msgspec.json.encode(came), mode="create"
                )
            except AlreadyExistsError:
                obstore.delete(self._store, draft)
                raise FileExistsError(name) from None

    def received(self, owner: int, name: str) -> Filed | None:
        """Return what came under a name; None if nothing did, or too long ago."""
        came = self._came(owner, name) if _NAME.fullmatch(name) else None
        if came is None:
            return None
        with _reached():
            length = min(HEAD, came.size)
            try:
                head = obstore.get_range(self._store, came.draft, start=0, length=length)
            except FileNotFoundError:
                return None
        return Filed(came.sha256, came.size, bytes(head))

    def adopt(self, owner: int, name: str, sha256: str) -> None:
        """Give an upload its place for good; from then on that place is where it lies.

        Raises:
            FileNotFoundError: if there is no such upload any more.
        """
        came, place = self._came(owner, name), _place(owner, sha256)
        if came is None or came.sha256 != sha256:
            raise FileNotFoundError(name)
        with _reached():
            if came.draft == place:
                obstore.head(self._store, place)
                return
            obstore.copy(self._store, came.draft, place)
            moved = msgspec.json.encode(msgspec.structs.replace(came, draft=place))
            obstore.put(self._store, _done(owner, name), moved)
            obstore.delete(self._store, came.draft)

    def flow(self, owner: int, sha256: str, start: int, length: int) -> BucketFlow:
        """Return a part of a file, piece by piece.

        Raises:
            FileNotFoundError: if it is not there.
        """
        with _reached():
            got = obstore.get(
                self._store, _place(owner, sha256), options={"range": (start, start + length)}
            )
        return BucketFlow(iter(got.stream(min_chunk_size=PIECE)))

    def kept(self, part: str) -> Iterator[tuple[int, list[str]]]:
        """Yield, by organization, the digests of files whose digests begin with two hex digits."""
        for owner in self._owners():
            found = [one["path"].rpartition("/")[2] for one in self._listed(f"{owner}/{part}/")]
            if found:
                yield owner, sorted(found)

    def discard(self, owner: int, sha256: str) -> None:
        """Take a file away."""
        with _reached():
            obstore.delete(self._store, _place(owner, sha256))

    def sweep(self, now: datetime) -> None:
        """Take away the uploads that nobody adopted within a day."""
        for owner in self._owners():
            for one in self._listed(f"{owner}/incoming/"):
                if one["last_modified"] < now - KEEP:
                    with _reached():
                        obstore.delete(self._store, one["path"])

    def _came(self, owner: int, name: str) -> _Came | None:
        with _reached():
            try:
                told = obstore.get(self._store, _done(owner, name)).bytes()
            except FileNotFoundError:
                return None
        return msgspec.json.decode(bytes(told), type=_Came)

    def _owners(self) -> list[int]:
        with _reached():
            folders = obstore.list_with_delimiter(self._store)["common_prefixes"]
        names = [folder.rstrip("/").rpartition("/")[2] for folder in folders]
        return [int(name) for name in names if name.isdecimal()]

    def _listed(self, prefix: str) -> Iterator[ObjectMeta]:
        with _reached():
            for page in obstore.list(self._store, prefix=prefix):
                yield from page

    def _read_key(self) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, _KEY).bytes())
        except FileNotFoundError:
            return None

    def _make_key(self) -> bytes:
        """Write a key unless another host was quicker: there is one for all of them."""
        made = self._entropy(_KEY_BYTES)
        try:
            obstore.put(self._store, _KEY, made, mode="create")
        except AlreadyExistsError:
            return bytes(obstore.get(self._store, _KEY).bytes())
        return made


class BucketFlow:
    """A part of a file on its way out of a bucket."""

    def __init__(self, pieces: Iterator[object]) -> None:
        self._pieces: Iterator[object] | None = pieces

    def __iter__(self) -> BucketFlow:
        """Return itself: a file flows once."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        if self._pieces is None:
            raise StopIteration
        with _reached():
            return bytes(next(self._pieces))  # type: ignore[call-overload, no-any-return]

    def close(self) -> None:
        """Let the connection go."""
        self._pieces = None


class _Digesting:
    """Pieces that pass by, with their digest and how many bytes they were."""

    def __init__(self, pieces: Iterable[bytes], least: int) -> None:
        self._pieces = iter(pieces)
        self._least = least
        self.digest = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece; at the end, raise ShortError if they were too few."""
        piece = next(self._pieces, None)
        if piece is None:
            if self.size < self._least:
                raise ShortError
            raise StopIteration
        self.size += len(piece)
        self.digest.update(piece)
        return piece


@contextmanager
def _reached() -> Iterator[None]:
    """Say of a store that cannot be reached, or does not let us in, that we cannot answer now."""
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except (BaseError, OSError) as error:
        raise Unserved(Code.NOT_READY, "The store of files cannot be reached now.") from error


def _incoming(owner: int, name: str) -> str:
    return f"{owner}/incoming/{name}"


def _done(owner: int, name: str) -> str:
    return f"{_incoming(owner, name)}{_DONE}"


def _place(owner: int, sha256: str) -> str:
    return f"{owner}/{sha256[:2]}/{sha256}"

"""Files in a bucket of a real S3 server: all that a folder does, and what a network adds."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from content.test_content_files import TAG, TEXT, put, request, uploaded
from counterfoil.app.depot import depot
from counterfoil.content import sweep_files
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Unserved
from counterfoil.runtime.bucket import Bucket
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Depot, Files, FullError, ShortError
from counterfoil.runtime.settings import Settings
from infra.seaweed import S3, seaweed
from infra.wait import free_port
from support.content import Garden, id_of
from support.office import StandingClock, office_on

NAME = "0123456789abcdef" * 2
EVERY = [f"{number:02x}" for number in range(256)]
MIB = 1024**2
LARGE = 12 * 1024 * 1024 + 7


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with seaweed(tmp_path_factory.mktemp("s3") / "weed") as running:
        yield running


@pytest.fixture
def bucket(s3: S3, entropy: Entropy, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """A bucket that is empty and nobody else's."""
    for name, value in s3.env.items():
        monkeypatch.setenv(name, value)
    return Bucket(s3.place(), entropy)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, entropy: Entropy, tmp_path: Path) -> Depot:
    """Each place for files in turn."""
    if request.param == "folder":
        return Files(tmp_path / "files", entropy)
    found: Bucket = request.getfixturevalue("bucket")
    return found


@pytest.fixture(params=["folder", "bucket"])
def narrow(
    request: pytest.FixtureRequest, entropy: Entropy, tmp_path: Path, s3: S3, bucket: Bucket
) -> Depot:
    """Each place for files in turn, where three uploads may wait."""
    del bucket  # it sets the variables by which the store is reached
    if request.param == "folder":
        return Files(tmp_path / "files", entropy, most=3 * MIB)
    return Bucket(s3.place(), entropy, most=3 * MIB)


@pytest.fixture
def garden(bucket: Bucket, database: Database, clock: StandingClock, entropy: Entropy) -> Garden:
    """A garden whose files lie in a bucket."""
    return Garden(office_on(database, clock, entropy, files=bucket))


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def read(place: Depot, sha256: str, start: int, length: int) -> bytes:
    return b"".join(place.flow(1, sha256, start, length))


def test_an_upload_comes_whole_and_once(place: Depot) -> None:
    """What came under a name is known by digest, size and beginning; another one is refused."""
    body = bytes(range(256)) * 3_000
    assert place.received(1, NAME) is None
    place.receive(1, NAME, iter([body[:1000], body[1000:]]), 5)
    found = place.received(1, NAME)
    assert found is not None
    assert (found.sha256, found.size) == (digest(body), len(body))
    assert found.head == body[: len(found.head)]
    assert len(found.head) >= 64 * 1024
    with pytest.raises(FileExistsError):
        place.receive(1, NAME, iter([b"another"]))
    assert place.received(1, NAME) == found
    assert place.received(2, NAME) is None
    assert place.received(1, "../upload.key") is None


def test_what_breaks_off_has_not_come(place: Depot) -> None:
    """A body that is short, or whose sender goes away, leaves no upload; the name is free."""

    def gone() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise ConnectionError

    with pytest.raises(ShortError):
        place.receive(1, NAME, iter([b"abc"]), 4)
    with pytest.raises((ConnectionError, Unserved)):
        place.receive(1, NAME, gone())
    assert not place.is_received(1, NAME)
    place.receive(1, NAME, iter([b"abcd"]), 4)
    assert place.is_received(1, NAME)


def test_a_file_is_adopted_read_in_parts_listed_and_discarded(place: Depot) -> None:
    """An adopted file stands under its digest, apart by organization, until it is discarded."""
    body = bytes(range(256)) * 1_000
    sha256 = digest(body)
    place.receive(1, NAME, iter([body]))
    with pytest.raises(FileNotFoundError):
        read(place, sha256, 0, 1)
    for _ in range(2):
        place.adopt(1, NAME, sha256)
    assert read(place, sha256, 0, len(body)) == body
    assert read(place, sha256, 255, 3) == body[255:258]
    assert read(place, sha256, len(body) - 1, 1) == body[-1:]
    assert list(place.kept(sha256[:2])) == [(1, [sha256])]
    assert list(place.kept("zz")) == []
    stopped = place.flow(1, sha256, 0, len(body))
    assert next(iter(stopped))
    stopped.close()
    assert list(stopped) == []
    for _ in range(2):
        place.discard(1, sha256)
    with pytest.raises(FileNotFoundError):
        read(place, sha256, 0, 1)


def test_a_large_file_goes_in_parts(place: Depot) -> None:
    """A file larger than a part of an upload comes back byte for byte."""
    piece = bytes(range(256)) * 256
    body = (piece * (LARGE // len(piece) + 1))[:LARGE]
    place.receive(1, NAME, (body[at : at + 65_536] for at in range(0, LARGE, 65_536)), LARGE)
    place.adopt(1, NAME, digest(body))
    assert digest(read(place, digest(body), 0, LARGE)) == digest(body)
    assert read(place, digest(body), LARGE - 10, 10) == body[-10:]


def test_of_two_at_once_one_comes(place: Depot) -> None:
    """Of several uploads under one name at once exactly one is there, whole."""
    ready, refused = threading.Barrier(4), list[int]()

    def send(number: int) -> None:
        ready.wait()
        try:
            place.receive(1, NAME, iter([bytes([number]) * 1_000] * 50))
        except FileExistsError:
            refused.append(number)

    hands = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    (left,) = {0, 1, 2, 3} - set(refused)
    found = place.received(1, NAME)
    assert found is not None
    assert found.sha256 == digest(bytes([left]) * 50_000)


def test_what_nobody_adopts_is_swept(place: Depot) -> None:
    """An upload waits a day and is gone then; what was adopted stays."""
    place.receive(1, NAME, iter([b"kept"]))
    place.adopt(1, NAME, digest(b"kept"))
    place.sweep(datetime.now(UTC))
    assert place.is_received(1, NAME)
    place.sweep(datetime.now(UTC) + timedelta(days=1, hours=1))
    assert not place.is_received(1, NAME)
    assert read(place, digest(b"kept"), 0, 4) == b"kept"


def test_all_hosts_seal_with_one_key(bucket: Bucket, s3: S3, entropy: Entropy) -> None:
    """Whoever shares the bucket signs uploads with the same key, made by whoever came first."""
    url = s3.place()
    one, two = Bucket(url, entropy), Bucket(url, entropy)
    assert one.key == two.key == Bucket(url, entropy).key
    assert one.key != bucket.key


def test_assets_live_in_a_bucket(garden: Garden, bucket: Bucket) -> None:
    """Upload, delivery, ranges, another file, and the end: over HTTP, as with a folder (S37)."""
    made = uploaded(garden, garden.root, filename="a.bin")
    assert made.status == 201
    knock, here = garden.knock(), f"/cda/assets/{id_of(made)}/file"
    seen = knock("GET", here)
    assert (seen.status, seen.raw, seen.headers["etag"]) == (200, TEXT, TAG)
    assert knock("GET", here, None, {"if-none-match": TAG}).status == 304
    part = knock("GET", here, None, {"range": "bytes=255990-"})
    assert (part.status, part.raw) == (206, TEXT[255_990:])
    assert part.headers["content-range"] == "bytes 255990-255999/256000"
    asked = request(garden)
    assert put(garden, asked["attributes"]["url"], b"new").status == 204
    assert put(garden, asked["attributes"]["url"], b"again").status == 409
    body = {"data": {"type": "node", "attributes": {"upload": asked["id"]}}}
    assert knock("PUT", f"/cma/assets/{id_of(made)}/file", body).status == 200
    assert knock("GET", here).raw == b"new"
    assert knock("GET", f"/cma/assets/{id_of(made)}/versions/1/file").raw == TEXT
    assert sweep_files(garden.office, EVERY) == 0
    garden.trash(id_of(made))
    assert knock("DELETE", f"/cma/trash/{id_of(made)}").status == 200
    assert sweep_files(garden.office, EVERY) == 2
    assert [list(bucket.kept(part)) for part in EVERY] == [[]] * 256


def test_a_store_that_is_away_is_503(
    database: Database, clock: StandingClock, entropy: Entropy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the bucket cannot be reached, uploads and downloads are 503, and nothing is made (R11)."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "x")
    garden = Garden(office_on(database, clock, entropy, files=Bucket("s3://none/x", entropy)))
    body = {"data": {"type": "upload_request", "attributes": {}}}
    seen = garden.knock()("POST", "/cma/upload_requests", body)
    assert (seen.status, seen.code) == (503, "NOT_READY")


def test_the_settings_choose(bucket: Bucket, s3: S3, entropy: Entropy, tmp_path: Path) -> None:
    """`COUNTERFOIL_FILES` names a folder or a bucket; without it, files lie beside the data."""
    assert isinstance(bucket, Bucket)
    for files, kind in (("", Files), (str(tmp_path / "else"), Files), (s3.place(), Bucket)):
        settings = Settings(data_dir=tmp_path / "data", files=files)
        assert isinstance(depot(settings, entropy), kind)
        assert settings.files_dir.is_relative_to(tmp_path)


def test_what_waits_is_bounded_in_sum(narrow: Depot) -> None:
    """Uploads of which nothing was made are so many bytes, and so many, for each owner."""
    names = [f"{number:032x}" for number in range(9)]
    for name in names[:3]:
        narrow.receive(1, name, iter([name.encode()]))  # each counts as a mebibyte
    with pytest.raises(FullError):
        narrow.receive(1, names[3], iter([b"one more"]))
    assert narrow.received(1, names[3]) is None
    narrow.receive(2, names[3], iter([b"another's"]))
    narrow.adopt(1, names[0], digest(names[0].encode()))
    narrow.receive(1, names[3], iter([b"there is room"]))
    with pytest.raises(FullError):
        narrow.require_room(1, 1)


def test_what_turns_out_too_large_leaves_nothing(narrow: Depot) -> None:
    """What has no end that was said is refused once it came, and takes no room from then on."""
    narrow.receive(1, NAME, iter([b"first"]))
    with pytest.raises(FullError):
        narrow.receive(1, "f" * 32, iter([bytes(MIB)] * 3))
    assert narrow.received(1, "f" * 32) is None
    narrow.require_room(1, 2 * MIB)


def test_the_same_bytes_wait_once(narrow: Depot) -> None:
    """Sent again and adopted again they take no room; adopted twice they are there once."""
    body = bytes(2 * MIB)
    for number in range(3):
        name = f"{number:032x}"
        narrow.receive(1, name, iter([body]))
        for _ in range(2):
            narrow.adopt(1, name, digest(body))
        found = narrow.received(1, name)
        assert found is not None
        assert found.sha256 == digest(body)
    assert read(narrow, digest(body), 0, len(body)) == body
    narrow.require_room(1, 3 * MIB)


def test_an_upload_that_is_gone_is_not_adopted(narrow: Depot) -> None:
    """Whose place was swept between the look and the adoption, says so."""
    narrow.receive(1, NAME, iter([b"a file"]))
    with pytest.raises(FileNotFoundError):
        narrow.adopt(1, "0" * 32, digest(b"a file"))
    narrow.adopt(1, NAME, digest(b"a file"))
    narrow.sweep(datetime.now(UTC) + timedelta(days=2))
    with pytest.raises(FileNotFoundError):
        narrow.adopt(1, NAME, digest(b"another"))

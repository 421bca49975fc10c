"""Files: uploaded under a signed address, delivered in parts, seen by whoever sees the asset."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.content.policy import LARGEST_UPLOAD
from counterfoil.kernel.ids import NodeId
from support.content import READS, Garden, id_of, token
from support.doors import Seen
from support.office import StandingClock

TEXT = bytes(range(256)) * 1_000
TAG = f'"{hashlib.sha256(TEXT).hexdigest()}"'


def request(garden: Garden, **attributes: Any) -> dict[str, Any]:
    """Ask for an upload; return what is said of it."""
    body = {"data": {"type": "upload_request", "attributes": attributes}}
    answer = garden.knock()("POST", "/cma/upload_requests", body)
    assert answer.status == 201
    data: dict[str, Any] = answer.json["data"]
    return data


def put(garden: Garden, url: str, body: bytes, **environ: Any) -> Seen:
    """Send a file as somebody who shows no token."""
    path = urlsplit(url).path
    return garden.stranger()("PUT", path, body, {"content-type": "image/png"}, **environ)


def asset_body(parent: NodeId, upload: str, **more: Any) -> dict[str, Any]:
    return {
        "data": {
            "type": "node",
            "attributes": {"upload": upload, "filename": "a file.bin", **more},
            "relationships": {"parent": {"data": {"type": "node", "id": str(parent)}}},
        }
    }


def uploaded(garden: Garden, parent: NodeId, body: bytes = TEXT, **more: Any) -> Seen:
    """Take all three steps."""
    asked = request(garden)
    assert put(garden, asked["attributes"]["url"], body).status == 204
    return garden.knock()("POST", "/cma/assets", asset_body(parent, asked["id"], **more))


def test_a_file_goes_in_and_comes_out(any_garden: Garden) -> None:
    """What was uploaded comes back byte for byte, to be saved and never run (S37)."""
    made = uploaded(any_garden, any_garden.root, filename="Grüße.html", media_type="text/html")
    assert made.status == 201
    attributes = made.json["data"]["attributes"]
    assert (attributes["size"], attributes["sha256"]) == (len(TEXT), TAG.strip('"'))
    for base in ("/cma", "/cda", "/cda/preview"):
        seen = any_garden.knock()("GET", f"{base}/assets/{id_of(made)}/file")
        assert (seen.status, seen.raw) == (200, TEXT)
        assert seen.headers["content-length"] == str(len(TEXT))
        assert seen.headers["content-type"] == "application/octet-stream"
        assert seen.headers["content-disposition"] == (
            "attachment; filename=\"Gr__e.html\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.html"
        )
        assert seen.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert seen.headers["etag"] == TAG


@pytest.mark.parametrize(
    ("asked", "status", "first", "length"),
    [
        ("bytes=0-9", 206, 0, 10),
        ("bytes=255990-", 206, 255_990, 10),
        ("bytes=-4", 206, 255_996, 4),
        ("bytes=-999999999", 206, 0, 256_000),
        ("bytes=255999-999999", 206, 255_999, 1),
        ("bytes=9-0", 200, 0, 256_000),
        ("bytes=0-1,4-5", 200, 0, 256_000),
        ("lines=0-1", 200, 0, 256_000),
        ("bytes=-", 200, 0, 256_000),
    ],
)
def test_a_part_of_a_file(garden: Garden, asked: str, status: int, first: int, length: int) -> None:
    """One range is answered with that part; what is no single range of bytes, with the whole."""
    address = f"/cda/assets/{id_of(uploaded(garden, garden.root))}/file"
    seen = garden.knock()("GET", address, None, {"range": asked})
    assert (seen.status, seen.raw) == (status, TEXT[first : first + length])
    assert seen.headers["content-length"] == str(length)
    says = f"bytes {first}-{first + length - 1}/{len(TEXT)}" if status == 206 else None
    assert seen.headers.get("content-range") == says


def test_a_part_that_is_not_there(garden: Garden) -> None:
    """A range beyond the end is 416 and says how large the file is; another state's, the whole."""
    address = f"/cda/assets/{id_of(uploaded(garden, garden.root))}/file"
    knock = garden.knock()
    for asked in ("bytes=256000-", "bytes=-0"):
        seen = knock("GET", address, None, {"range": asked})
        assert (seen.status, seen.code) == (416, "RANGE_NOT_SATISFIABLE")
        assert seen.headers["content-range"] == "bytes */256000"
    held = {"range": "bytes=0-1"}
    assert knock("GET", address, None, {**held, "if-range": TAG}).raw == TEXT[:2]
    assert knock("GET", address, None, {**held, "if-range": '"old"'}).raw == TEXT


def test_what_is_held_is_not_sent_again(garden: Garden) -> None:
    """If-None-Match with the file's tag is 304 without a body; HEAD has the length and no body."""
    address = f"/cda/assets/{id_of(uploaded(garden, garden.root))}/file"
    knock = garden.knock()
    for held in (TAG, f'"other", W/{TAG}', "*"):
        seen = knock("GET", address, None, {"if-none-match": held})
        assert (seen.status, seen.raw, seen.headers["etag"]) == (304, b"", TAG)
    assert knock("GET", address, None, {"if-none-match": '"other"'}).status == 200
    head = knock("HEAD", address)
    assert (head.status, head.raw, head.headers["content-length"]) == (200, b"", str(len(TEXT)))


def test_pictures_are_measured(garden: Garden) -> None:
    """A picture's type and size are those of its bytes, whatever was declared."""
    gif = b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little") + b"\0\0\0;"
    made = uploaded(garden, garden.root, gif, filename="a.gif", media_type="text/plain")
    said = made.json["data"]["attributes"]
    assert (said["media_type"], said["width"], said["height"]) == ("image/gif", 640, 480)
    assert said["slug"] == "a.gif"
    seen = garden.knock()("GET", f"/cda/assets/{id_of(made)}/file")
    assert seen.headers["content-type"] == "image/gif"


def test_an_address_is_sealed(garden: Garden) -> None:
    """No other bytes than those we gave open an upload, and each opens one (S37)."""
    url = request(garden)["attributes"]["url"]
    for at in (-1, -30, -80):
        changed = url[:at] + ("A" if url[at] != "A" else "B") + url[len(url) + at + 1 :]
        assert put(garden, changed, TEXT).status == 404
    for wrong in ("x", "%C3%BC", "A" * 5_000):
        assert put(garden, f"http://localhost/cma/uploads/{wrong}", TEXT).status in {400, 404}
    assert put(garden, url, TEXT).status == 204
    again = put(garden, url, b"other")
    assert (again.status, again.code) == (409, "CONFLICT")


def test_an_address_dies(garden: Garden, clock: StandingClock) -> None:
    """Fifteen minutes after it was given, an address takes nothing more."""
    url = request(garden)["attributes"]["url"]
    clock.move_on(minutes=15)
    assert put(garden, url, TEXT).status == 404


def test_sizes_are_held_to(garden: Garden) -> None:
    """What is too large, short, cut off or empty is refused, and may come again, whole (S38)."""
    asked = request(garden, size=10)
    url = asked["attributes"]["url"]
    assert asked["attributes"]["largest"] == 10
    assert put(garden, url, b"x" * 11).code == "BODY_TOO_LARGE"
    endless = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    assert put(garden, url, b"x" * 11, **endless).status == 413
    assert put(garden, url, b"x" * 9).status == 400
    assert put(garden, url, b"x" * 9, CONTENT_LENGTH="10").status == 400
    assert put(garden, url, b"").status == 400
    made = garden.knock()("POST", "/cma/assets", asset_body(garden.root, asked["id"]))
    assert (made.status, made.json["errors"][0]["source"]["pointer"]) == (
        422,
        "/data/attributes/upload",
    )
    assert put(garden, url, b"x" * 10).status == 204
    for size in (0, -1, LARGEST_UPLOAD + 1):
        body = {"data": {"type": "upload_request", "attributes": {"size": size}}}
        assert garden.knock()("POST", "/cma/upload_requests", body).status == 422


def test_uploads_ask_for_permission(garden: Garden) -> None:
    """Without assets:write nobody gets an address, nor makes an asset of what came (S28)."""
    inside = garden.folder(garden.root, "inside")
    asked = request(garden)
    put(garden, asked["attributes"]["url"], TEXT)
    body = {"data": {"type": "upload_request"}}
    reader = garden.knock(token(may=READS))
    assert reader("POST", "/cma/upload_requests", body).code == "INSUFFICIENT_SCOPE"
    assert reader("POST", "/cma/assets", asset_body(inside, asked["id"])).status == 403
    insider = garden.knock(token(inside))
    outside = insider("POST", "/cma/assets", asset_body(garden.root, asked["id"]))
    assert (outside.status, outside.code) == (403, "OUTSIDE_ROOT_NODES")
    assert insider("POST", "/cma/assets", asset_body(inside, asked["id"])).status == 201


def test_an_upload_is_its_organizations(garden: Garden) -> None:
    """The id of an upload says nothing in another organization, and no path gets out of it."""
    asked = request(garden)
    put(garden, asked["attributes"]["url"], TEXT)
    other = Garden(garden.office, type(garden.organization)(2_000_000_000_000_002))
    for name in (asked["id"], "../../upload.key", "", "..", f"../incoming/{asked['id']}"):
        made = other.knock()("POST", "/cma/assets", asset_body(other.root, name))
        assert made.status == 422, name


def test_files_are_seen_as_their_assets(garden: Garden) -> None:
    """Who does not see the asset, by root, scope or surface, does not get its file (S30, S33)."""
    inside = garden.folder(garden.root, "inside")
    made = id_of(uploaded(garden, garden.root))
    link = garden.link(garden.root, "link", made)
    file = f"/cda/assets/{made}/file"
    assert garden.knock(token(inside))("GET", file).code == "OUTSIDE_ROOT_NODES"
    no_assets = scopes(Scope.CONTENT_READ)
    assert garden.knock(token(may=no_assets))("GET", file).status in {403, 404}
    elsewhere = token(surfaces=surfaces(Surface.PREVIEW))
    assert garden.knock(elsewhere)("GET", file).code == "API_NOT_ENABLED_FOR_TOKEN"
    assert garden.knock()("GET", f"/cda/assets/{link}/file").status == 404
    garden.trash(made)
    assert garden.knock()("GET", file).status == 404


def test_facts_alone_are_no_file(garden: Garden) -> None:
    """An asset that was only described has no file, and its address says so."""
    asset = garden.asset(garden.root, "logo.png")
    seen = garden.knock()("GET", f"/cda/assets/{asset}/file")
    assert (seen.status, seen.code) == (404, "NOT_FOUND")
    assert "no file" in seen.json["errors"][0]["detail"]


def test_what_a_file_says_of_itself_stays(garden: Garden) -> None:
    """The name of an uploaded asset may change; its size and media type are its file's."""
    made = id_of(uploaded(garden, garden.root))
    knock = garden.knock()

    def change(**attributes: Any) -> Seen:
        body = {"data": {"type": "node", "attributes": attributes}}
        return knock("PATCH", f"/cma/nodes/{made}", body)

    assert change(size=1).status == 422
    assert change(media_type="text/html").status == 422
    assert change(filename="other.bin").status == 200
    seen = knock("GET", f"/cda/assets/{made}/file")
    assert seen.headers["content-disposition"] == 'attachment; filename="other.bin"'
    assert seen.raw == TEXT


def test_uploads_that_nobody_wants_go(garden: Garden, clock: StandingClock) -> None:
    """A day later an upload of which nothing was made is gone; the file of an asset stays."""
    made = id_of(uploaded(garden, garden.root))
    asked = request(garden)
    put(garden, asked["attributes"]["url"], b"unwanted")
    garden.office.files.sweep(clock())
    files = garden.office.files
    assert files.received(garden.organization, asked["id"]) is not None
    clock.move_on(days=3_650)
    files.sweep(clock())
    assert files.received(garden.organization, asked["id"]) is None
    assert garden.knock()("GET", f"/cda/assets/{made}/file").raw == TEXT


def test_a_file_is_replaced_and_the_old_one_kept(any_garden: Garden) -> None:
    """Another file is one more version: delivery has the new bytes, the old version the old."""
    garden, new = any_garden, b"GIF89a" + b"\x02\0\x03\0" + bytes(20)
    id_ = id_of(uploaded(garden, garden.root, filename="a.bin"))
    asked = request(garden)
    assert put(garden, asked["attributes"]["url"], new).status == 204
    knock, here = garden.knock(), f"/cma/assets/{id_}"
    body = {"data": {"type": "node", "attributes": {"upload": asked["id"]}}}
    stale = knock("PUT", f"{here}/file", body, {"if-match": '"7"'})
    assert (stale.status, stale.code) == (412, "STALE_VERSION")
    done = knock("PUT", f"{here}/file", body, {"if-match": '"1"'})
    assert (done.status, done.headers["etag"]) == (200, '"2"')
    attributes = done.json["data"]["attributes"]
    assert (attributes["filename"], attributes["media_type"]) == ("a.bin", "image/gif")
    assert (attributes["width"], attributes["height"]) == (2, 3)
    assert knock("GET", f"/cda/assets/{id_}/file").raw == new
    for number, content in ((1, TEXT), (2, new)):
        assert knock("GET", f"{here}/versions/{number}/file").raw == content
    part = knock("GET", f"{here}/versions/1/file", None, {"range": "bytes=1-3"})
    assert (part.status, part.raw) == (206, TEXT[1:4])
    assert knock("POST", f"{here}/versions/1/restore").status == 200
    assert knock("GET", f"/cda/assets/{id_}/file").raw == TEXT


def test_only_what_was_uploaded_replaces_a_file(garden: Garden) -> None:
    """An upload that never came, an entry, and an asset outside the roots are each refused."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    id_ = id_of(uploaded(garden, aside))
    asked = request(garden)
    body = {"data": {"type": "node", "attributes": {"upload": asked["id"]}}}
    knock = garden.knock()
    refused = knock("PUT", f"/cma/assets/{id_}/file", body)
    assert (refused.status, refused.code) == (422, "INVALID_FIELD")
    assert put(garden, asked["attributes"]["url"], b"new").status == 204
    assert knock("PUT", f"/cma/assets/{garden.entry(inside, 'e')}/file", body).status == 409
    restricted = garden.knock(token(inside))
    assert restricted("PUT", f"/cma/assets/{id_}/file", body).code == "OUTSIDE_ROOT_NODES"
    writer = garden.knock(token(may=READS | scopes(Scope.CONTENT_WRITE)))
    assert writer("PUT", f"/cma/assets/{id_}/file", body).code == "INSUFFICIENT_SCOPE"
    assert knock("GET", f"/cma/assets/{id_}/file").raw == TEXT

"""The three examples that DatoCMS prints for a new API token, run as they are printed (D1, D14).

Put in are where the server is, the token and the id of the role; nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from contextlib import closing
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Final

import pytest

from infra.node import NODE
from support.sample import Said, said
from vendors.venue import Venue

HTTP: Final = """\
POST https://site-api.datocms.com/access_tokens HTTP/1.1
Authorization: Bearer YOUR-API-TOKEN
Accept: application/json
X-Api-Version: 3
Content-Type: application/vnd.api+json

{
  "data": {
    "type": "access_token",
    "attributes": {
      "name": "Read-only API token",
      "can_access_cda": true,
      "can_access_cda_preview": true,
      "can_access_cma": true
    },
    "relationships": {
      "role": {
        "data": {
          "type": "role",
          "id": "34"
        }
      }
    }
  }
}
"""

CURL: Final = """\
curl -g 'https://site-api.datocms.com/access_tokens' \\
  -X POST \\
  -H "Authorization: Bearer YOUR-API-TOKEN" \\
  -H "Accept: application/json" \\
  -H "X-Api-Version: 3" \\
  -H "Content-Type: application/vnd.api+json" \\
  --data-binary '{"data":{"type":"access_token","attributes":{"name":"Read-only API token",\
"can_access_cda":true,"can_access_cda_preview":true,"can_access_cma":true},\
"relationships":{"role":{"data":{"type":"role","id":"34"}}}}}'
"""

FETCH: Final = """\
await fetch("https://site-api.datocms.com/access_tokens", {
  method: "POST",
  headers: {
    Authorization: "Bearer YOUR-API-TOKEN",
    Accept: "application/json",
    "X-Api-Version": "3",
    "Content-Type": "application/vnd.api+json",
  },
  body: JSON.stringify({
    data: {
      type: "access_token",
      attributes: {
        name: "Read-only API token",
        can_access_cda: true,
        can_access_cda_preview: true,
        can_access_cma: true,
      },
      relationships: { role: { data: { type: "role", id: "34" } } },
    },
  }),
})"""


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("datocms")


def put_in(venue: Venue, example: str) -> str:
    """Return an example for this server."""
    for printed, ours in {
        "https://site-api.datocms.com": venue.url,
        "YOUR-API-TOKEN": venue.sample.token("manager"),
        '"34"': f'"{venue.role("reader")}"',
    }.items():
        assert example.count(printed) == 1
        example = example.replace(printed, ours)
    return example


def expect(venue: Venue, body: Any) -> None:
    """Fail unless this is the answer that is printed beside the examples, with the secret in it."""
    data = body["data"]
    assert data.pop("id").isdigit()
    assert data["attributes"].pop("token").startswith("cfs_")
    assert body == {
        "data": {
            "type": "access_token",
            "attributes": {
                "name": "Read-only API token",
                "hardcoded_type": "",
                "can_access_cda": True,
                "can_access_cda_preview": True,
                "can_access_cma": True,
            },
            "relationships": {"role": {"data": {"type": "role", "id": venue.role("reader")}}},
        }
    }


def sent(venue: Venue, text: str) -> Said:
    """Send a request as it is written, with the two headers that HTTP itself asks for."""
    head, _, body = text.partition("\n\n")
    host = f"127.0.0.1:{venue.server.port}"
    head += f"\nHost: {host}\nContent-Length: {len(body.encode())}"
    with closing(socket.create_connection(("127.0.0.1", venue.server.port), 30)) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body.encode())
        response = HTTPResponse(line)
        response.begin()
        return said(response)


def test_the_printed_http_example(venue: Venue) -> None:
    """The printed HTTP request gets the printed answer with its headers (D1, D5, D6, D7, D14)."""
    seen = sent(venue, put_in(venue, HTTP))
    assert seen.status == 200
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["cache-control"] == "max-age=0, private, must-revalidate, no-store"
    assert seen.headers["x-ratelimit-limit"] == "30"
    assert 0 <= int(seen.headers["x-ratelimit-remaining"]) < 30
    expect(venue, seen.body)


def test_the_printed_curl_example(venue: Venue) -> None:
    """The printed command runs in a shell, by curl itself (D14)."""
    if shutil.which("curl") is None:
        pytest.skip("this machine has no curl to run the vendor's example with")
    command = ["/bin/sh", "-c", put_in(venue, CURL)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    expect(venue, json.loads(done.stdout))


def test_the_printed_fetch_example(venue: Venue, tmp_path: Path) -> None:
    """The printed call runs in Node.js, whose fetch is the platform's own (D14)."""
    script = tmp_path / "example.mjs"
    script.write_text(
        f"const response = {put_in(venue, FETCH)};\n"
        "console.log(JSON.stringify(await response.json()));\n"
    )
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run([NODE, script], check=True, capture_output=True, text=True, env=env)
    expect(venue, json.loads(done.stdout))

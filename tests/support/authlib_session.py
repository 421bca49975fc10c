"""Authlib's client on the HTTP client that our own SDK uses."""

from __future__ import annotations

from typing import Any

import httpx2


class Session:
    """What Authlib asks of an HTTP session, on the client that our own SDK uses."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def request(
        self,
        method: str,
        url: str,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: Any = None,
        **_more: Any,
    ) -> httpx2.Response:
        body = str(httpx2.QueryParams(data or {}))
        if auth is not None:
            url, headers, body = auth.prepare(method, url, dict(headers or {}), body)
        return self.http.request(method, url, content=body, headers=headers)

    def post(self, url: str, **more: Any) -> httpx2.Response:
        return self.request("POST", url, **more)

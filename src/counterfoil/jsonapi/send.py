"""How a reply goes out where Falcon found its route."""

from __future__ import annotations

import falcon

from counterfoil.jsonapi.reply import Reply


def send(reply: Reply, resp: falcon.Response, *, bodiless: bool = False) -> None:
    """Give a reply to Falcon, which forgets to close the stream of a bodiless one."""
    resp.status = reply.line
    for name, value in reply.headers.items():
        if name.lower() == "set-cookie":
            resp.append_header(name, value)
        else:
            resp.set_header(name, value)
    for cookie in reply.cookies:
        resp.append_header("Set-Cookie", cookie)
    if reply.stream is None:
        resp.data = reply.body
    elif bodiless:
        close = getattr(reply.stream, "close", None)
        if close is not None:
            close()
    else:
        resp.stream = reply.stream

"""The plain forms, until the pages come: no script, no style, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from typing import Final

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'",
    }
)


def setup(said: str = "") -> bytes:
    """Return the page on which somebody who was invited chooses a password."""
    return _page(
        "Choose a password",
        f"""{_alert(said)}
<form method="post" action="/setup">
<p><label for="code">The code that you were given</label><br>
<input id="code" name="code" autocomplete="one-time-code" required autofocus></p>
<p><label for="password">A password of 12 characters or more</label><br>
<input id="password" name="password" type="password" autocomplete="new-password" required></p>
<p><button>Choose</button></p>
</form>""",
    )


def another(said: str = "") -> bytes:
    """Return the page on which somebody changes their password."""
    return _page(
        "Change your password",
        f"""{_alert(said)}
<form method="post" action="/password">
<p><label for="email">E-mail</label><br>
<input id="email" name="email" type="email" autocomplete="username" required autofocus></p>
<p><label for="password">Password</label><br>
<input id="password" name="password" type="password" autocomplete="current-password" required></p>
<p><label for="new">Another one, of 12 characters or more</label><br>
<input id="new" name="new_password" type="password" autocomplete="new-password" required></p>
<p><button>Change</button></p>
</form>""",
    )


def chosen() -> bytes:
    """Return the page that says that there is a new password, and that every session is over."""
    return _page("Your password is set", '<p><a href="/signin">Sign in</a></p>')


def form(next_: str | None, said: str = "") -> bytes:
    """Return the page that asks for e-mail and password, and goes on to `next_` afterwards."""
    return _page(
        "Sign in",
        f"""{_alert(said)}
<form method="post" action="/signin">
<p><label for="email">E-mail</label><br>
<input id="email" name="email" type="email" autocomplete="username" required autofocus></p>
<p><label for="password">Password</label><br>
<input id="password" name="password" type="password" autocomplete="current-password" required></p>
<input type="hidden" name="next" value="{escape(next_ or "")}">
<p><button>Sign in</button></p>
</form>""",
    )


def onward(next_: str | None) -> bytes:
    """Return the page that leads on, or says that one is signed in.

    It is no redirect, for a browser holds a form to its policy through every redirect that follows,
    and the way to a client ends at an address that is not ours.
    """
    if next_ is None:
        return _page("Signed in", "<p>You are signed in.</p>")
    target = escape(next_)
    refresh = f'<meta http-equiv="refresh" content="0; url={target}">'
    return _page("Signed in", f'<p><a href="{target}">Go on</a></p>', refresh)


def _alert(said: str) -> str:
    return f'<p role="alert">{escape(said)}</p>' if said else ""


def _page(title: str, body: str, head: str = "") -> bytes:
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">{head}
<title>{title} · Counterfoil</title></head>
<body><main><h1>{title}</h1>
{body}
</main></body>
</html>
""".encode()

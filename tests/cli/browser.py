"""What a person does in a browser, for tests: sign in at the server and follow where it leads.

browser.py URL          with E-MAIL and PASSWORD in the environment
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import httpx2

_PATIENCE_S = 40


def follow(url: str, email: str, password: str) -> None:
    """Sign in where the address leads, open it, and go on to where it answers to."""
    parts = urlsplit(url)
    with httpx2.Client(trust_env=False, timeout=_PATIENCE_S) as browser:
        home = f"{parts.scheme}://{parts.netloc}"
        answer = browser.post(f"{home}/signin", json={"email": email, "password": password})
        answer.raise_for_status()
        onward = browser.get(url).headers["location"]
        browser.get(onward).raise_for_status()


if __name__ == "__main__":
    follow(sys.argv[1], os.environ["EMAIL"], os.environ["PASSWORD"])

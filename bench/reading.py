"""An API as people write them: a view of Flask that reads one row and says it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from bench.shop import ITEMS, granian

_VIEW: Final = """
import sqlite3
from flask import Flask

app, rows = Flask(__name__), sqlite3.connect({books!r}, check_same_thread=False)

@app.get("/items/<int:item>")
def show(item):
    name, price = rows.execute("SELECT name, price FROM item WHERE id = ?", (item,)).fetchone()
    return {{"id": item, "name": name, "price": price}}
"""


@contextmanager
def reading(at: Path, port: int) -> Iterator[None]:
    """Run it at that port, on the server that the gateway runs on."""
    books = at / "items.sqlite3"
    with closing(sqlite3.connect(books)) as rows, rows:
        rows.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
        made = ((item, f"Thing {item}", 100 * item) for item in range(ITEMS))
        rows.executemany("INSERT INTO item VALUES (?, ?, ?)", made)
    with granian(at, port, "reading", _VIEW.format(books=str(books))):
        yield

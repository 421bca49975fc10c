"""The documentation over HTTP, for anybody: `/llms.txt`, and every page as Markdown."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath
from typing import Final

from counterfoil.jsonapi.parameter import TEXT, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.manual import begin, pages
from counterfoil.signin.doors.address import base

PATH: Final = "/docs"
_PLAIN: Final = "text/plain; charset=utf-8"

_NAME: Final = Parameter("name", "Its file.", TEXT, "ci-token.md")
_FOLDER: Final = Parameter("folder", "Which part: `tutorial`, `how-to` and so on.", TEXT, "how-to")
_route = partial(Route, section="Server", open=True)


def beginning(asked: Asked) -> Answer:
    """Answer GET /llms.txt."""
    said = begin.text(asked.routes, base(asked), PATH)
    return Answer(200, said.encode(), {"Content-Type": _PLAIN})


def index(_asked: Asked) -> Answer:
    """Answer GET /docs: what leads on from the index leads on from where it stands."""
    return Answer(303, headers={"Location": f"{PATH}/{pages.INDEX}"})


def page(asked: Asked) -> Answer:
    """Answer a page of the documentation, or a picture that stands in one."""
    path = PurePosixPath(asked.params.get("folder", ""), asked.params.get("name", pages.INDEX))
    file = pages.files().get(str(path))
    if file is None:
        raise NotFound(Code.NOT_FOUND, f"There is no such page. See {PATH}.")
    return Answer(200, file.read_bytes(), {"Content-Type": pages.TYPES[path.suffix]})


ROUTES: Final = (
    _route("GET", "/llms.txt", beginning, "", "Where a program that reads begins",
           gives={200: str}, media=_PLAIN),
    _route("GET", PATH, index, "", "The documentation", gives={303: None}),
    _route("GET", f"{PATH}/{pages.INDEX}", page, "", "The index of the documentation",
           gives={200: str}, media=pages.TYPES[".md"]),
    _route("GET", f"{PATH}/{{folder}}/{{name}}", page, "",
           "A page of the documentation, as Markdown", parts=(_FOLDER, _NAME), gives={200: str},
           media=pages.TYPES[".md"], fails=(Code.NOT_FOUND,)),
)  # fmt: skip

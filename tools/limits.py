"""Files of 300 lines, dialects of 200, functions of 50; and every test states a guarantee."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.tracked import ROOT, tracked

FILE_RULE = 300
FILE_LIMIT = 500
DIALECT_RULE = 200
DIALECTS = Path("src/counterfoil/dialects")
FUNCTION_LIMIT = 50


def complaints(path: Path, source: str) -> Iterator[str]:
    """Say what is too long or promises nothing."""
    lines = source.count("\n")
    allowed = FILE_LIMIT if path.parts[0] == "tests" else FILE_RULE  # a suite keeps one subject
    if DIALECTS in path.parents:
        allowed = DIALECT_RULE  # a door without logic is no longer than that
    if lines > allowed:
        yield f"{path}: {lines} lines, {allowed} allowed; split it by idea"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        where = f"{path}:{node.lineno}: {node.name}"
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LIMIT:
            yield f"{where} has {length} lines, {FUNCTION_LIMIT} allowed"
        if (
            path.parts[0] == "tests"
            and node.name.startswith("test_")
            and not ast.get_docstring(node)
        ):
            yield f"{where} has no docstring that states its guarantee"


def main() -> int:
    """Print every complaint; 1 if there is any."""
    found = [
        complaint
        for path in tracked("*.py")
        for complaint in complaints(path, (ROOT / path).read_text())
    ]
    print("\n".join(found) or "limits: kept")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())

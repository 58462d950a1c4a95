"""The project's own code, as the tests of its shape read it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ("offers", "feedback", "health", "vocdash")
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """A function, where it stands, and how many lines it has without its docstring."""

    place: str
    lines: int


def files(*folders: str, migrations: bool = False) -> list[Path]:
    """Return the Python files of these folders (all four floors if none is named), sorted."""
    found = [path for folder in folders or FLOORS for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if migrations or "migrations" not in path.parts)


def tree_of(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(*folders: str) -> Iterator[Function]:
    """Yield every function and method, also inner ones."""
    for path in files(*folders):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, AnyFunction):
                yield Function(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", _length(node))


def _length(node: AnyFunction) -> int:
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    inside = docstring.end_lineno - docstring.lineno + 1 if docstring and docstring.end_lineno else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - inside

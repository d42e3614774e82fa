"""Parsed sources of the product, shared by the tests of its architecture."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    """List the modules of the product."""
    return sorted([*(ROOT / "opsconductor").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")])


@cache
def text_of(path: Path) -> str:
    """Read a file, once for all tests."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Parse a module, once for all tests."""
    return ast.parse(text_of(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Walk a module, once for all tests."""
    return tuple(ast.walk(tree_of(path)))


def functions() -> Iterator[tuple[str, Function]]:
    """Walk all functions and methods, each with where it stands."""
    for path in sources():
        for node in nodes_of(path):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node

"""The floor under readability: length of files and functions, number of parameters, broad excepts."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
MOST_PARAMETERS = 6
BROAD_EXCEPTS = {"opsconductor/connector/supervise.py", "opsconductor/pipeline/worker.py"}
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "service", "base", "core"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources() -> list[Path]:
    """List the modules of the product."""
    return sorted([*(ROOT / "opsconductor").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")])


def functions() -> Iterator[tuple[str, Function]]:
    """Walk all functions and methods, each with where it stands."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def body_lines(function: Function) -> int:
    """Count the lines of a function without its docstring."""
    start = function.body[0].lineno
    if ast.get_docstring(function) is not None:
        if len(function.body) == 1:
            return 0
        start = function.body[1].lineno
    return (function.end_lineno or start) - start + 1


def test_no_file_is_longer_than_300_lines() -> None:
    """A file that grows past 300 lines has a second axis in it and is to be divided."""
    long = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.read_text().count("\n") > MOST_LINES_OF_A_FILE
    ]
    assert long == []


def test_no_function_is_longer_than_50_lines() -> None:
    """A function that grows past 50 lines does more than one thing."""
    assert [name for name, function in functions() if body_lines(function) > MOST_LINES_OF_A_FUNCTION] == []


def test_no_function_takes_more_than_six_parameters() -> None:
    """More than six parameters want to be a value with a name."""
    crowded = []
    for name, function in functions():
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        if len([n for n in names if n not in ("self", "cls")]) > MOST_PARAMETERS:
            crowded.append(name)
    assert crowded == []


def test_everything_is_caught_in_two_places_only() -> None:
    """Only the supervisor of a source and the worker around a batch catch what nobody foresaw."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                names = (
                    {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"bare"}
                )
                reraises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                if names & {"Exception", "BaseException", "bare"} and not reraises:
                    found.add(str(path.relative_to(ROOT)))
    assert found == BROAD_EXCEPTS


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A thing that is put into `utils` cannot be found again."""
    assert [str(p) for p in sources() if p.stem in VAGUE_NAMES or p.parent.name in VAGUE_NAMES] == []

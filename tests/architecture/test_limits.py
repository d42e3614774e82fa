"""The floor under readability: length of files and functions, number of parameters, broad excepts."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
MOST_PARAMETERS = 6
GUARDED = {
    "opsconductor/api/handlers/inbound_webhooks.py": "the code of a connector that is posted to",
    "opsconductor/app/connectors/abandoned.py": "the code of pollers, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/app/connectors/acknowledge.py": "the code of sources, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/app/checks.py": "the check of a connector",
    "opsconductor/app/connectors/running.py": "constructors of connectors, and closing of channels",
    "opsconductor/app/inventories.py": "the engine as asked by a lasting task",
    "opsconductor/app/inventory_preview.py": "the constructor of an inventory",
    "opsconductor/app/connectors/types.py": "packages of others, as they are loaded",
    "opsconductor/app/rehearsal.py": "constructors of sources",
    "opsconductor/app/connectors/verification.py": "the code of sources, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/connector/supervise.py": "the run of a connector",
    "opsconductor/pipeline/archive.py": "what a connector may keep of an event",
    "opsconductor/pipeline/batch.py": "what a connector makes of an event",
    "opsconductor/pipeline/loop.py": "the loop around a batch",
}
"""Who may catch everything, by `guarded()`, and what for."""
SURPRISES = {
    "opsconductor/pipeline/committer.py",
    "opsconductor/pipeline/sift.py",
    "opsconductor/pipeline/loop.py",
    "opsconductor/store/load.py",
    "opsconductor/store/outbox.py",
    "opsconductor/store/commit/rows.py",
    "opsconductor/store/commit/write.py",
}
"""Who may catch all kinds of errors of a value that nobody foresaw."""
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


def test_everything_is_caught_by_one_helper_in_named_places_only() -> None:
    """`guarded()` of opsconductor/guard.py is the one catch-all; whoever uses it has a reason above."""
    calls = {
        (str(path.relative_to(ROOT)), node.func.id)
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert {path for path, name in calls if name == "guarded"} == set(GUARDED)


def test_no_catch_all_is_hidden() -> None:
    """Neither as `gather(return_exceptions=True)` nor as a tuple that lists everything."""
    gathered, listed = set(), set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "return_exceptions":
                gathered.add(str(path.relative_to(ROOT)))
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
                if "SURPRISES" in names:
                    listed.add(str(path.relative_to(ROOT)))
    assert gathered == set()
    assert listed == SURPRISES


def test_nothing_is_caught_by_a_bare_or_broad_except() -> None:
    """What is caught has a name."""
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
    assert found == set()


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A thing that is put into `utils` cannot be found again."""
    assert [str(p) for p in sources() if p.stem in VAGUE_NAMES or p.parent.name in VAGUE_NAMES] == []

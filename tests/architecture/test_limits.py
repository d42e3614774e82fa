"""The floor under readability: length of files and functions, number of parameters, broad excepts."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from opsconductor.guard import DATA_ERRORS
from tests.support.sources import ROOT, Function, functions, nodes_of, sources, text_of, tree_of, walk

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
MOST_PARAMETERS = 6
MOST_MODULES_OF_A_FOLDER = 22
UNCOUNTED = {"__init__", "__main__", "conftest"}
GUARDED = {
    "opsconductor/app/asides.py": "what a connector makes of an event that is tried again",
    "opsconductor/api/handlers/inbound_webhooks.py": "the code of a connector that is posted to",
    "opsconductor/api/handlers/repeated_posts.py": "the code of a connector that is posted to",
    "opsconductor/app/connectors/abandoned.py": "the code of pollers, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/app/connectors/acknowledge.py": "the code of sources, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/app/analysing/jobs.py": "a job of a dataset, which must not end the daemon",
    "opsconductor/app/checks.py": "the check of a connector",
    "opsconductor/app/contexts.py": "closing of what a removed connector has left",
    "opsconductor/app/connectors/running.py": "constructors of connectors, closing of channels, ports of a listener",  # noqa: E501 - a path and its reason
    "opsconductor/app/inventories.py": "the engine as asked by a lasting task",
    "opsconductor/app/inventory_preview.py": "the constructor of an inventory",
    "opsconductor/app/connectors/types.py": "packages of others, as they are loaded",
    "opsconductor/app/configuring/rehearsal.py": "constructors of sources",
    "opsconductor/app/connectors/verification.py": "the code of sources, and the engine as asked by a lasting task",  # noqa: E501 - a path and its reason
    "opsconductor/app/detecting/task.py": "rules and detector over a batch, which must not end the daemon",
    "opsconductor/app/detecting/pictures.py": "the plot of a message, which must not hold it back",
    "opsconductor/app/detecting/versions/evaluations.py": "an evaluation, which must not end the daemon",
    "opsconductor/config/channel_traits.py": "the traits of a channel, as its code states them",
    "opsconductor/connector/connector_type.py": "validators of a configuration and of recipients",
    "opsconductor/connector/supervise.py": "the run of a connector",
    "opsconductor/notify/preview.py": "the templates of a channel",
    "opsconductor/notify/sending.py": "the code of a channel that sends",
    "opsconductor/pipeline/archive.py": "what a connector may keep of an event",
    "opsconductor/pipeline/batch.py": "what a connector makes of an event",
    "opsconductor/pipeline/failing.py": "the content of an event that is set aside",
    "opsconductor/pipeline/loop.py": "the loop around a batch",
    "opsconductor/selfcheck/doctor/connections.py": "the samples that a connector keeps",
    "opsconductor/series/external/store.py": "the values of one request",
    "opsconductor/series/attempts.py": "one kind of work on the series, which must not end the daemon",
    "opsconductor/series/series_store.py": "series that follow their devices, so that it is not tried again",
    "opsconductor/series/writer.py": "the points of one flush",
}
"""Who may catch everything, by `guarded()`, and what for."""
GUARDED_DATA = {
    "opsconductor/api/auth/passkeys.py": "the answer of an authenticator as the library reads it",
    "opsconductor/connector/outgoing/template.py": "a template of a body and one notification",
    "opsconductor/notify/render.py": "a template and the facts of one notification",
    "opsconductor/pipeline/committer.py": "a group of changes in the spool, then one of them",
    "opsconductor/pipeline/loop.py": "an engine that is loaded anew",
    "opsconductor/pipeline/sift.py": "one alert with which the engine fails",
    "opsconductor/store/commit/commit.py": "the rows of a small commit",
    "opsconductor/store/commit/rows.py": "the raw data of one alert",
    "opsconductor/store/commit/write.py": "one row that is to be written",
    "opsconductor/store/load.py": "one row of alerts",
    "opsconductor/store/notifications/outbox.py": "one row of the outbox",
}
"""Who may catch any error of one unexpected value, by `guarded_data()`, and of which value."""
LISTED = {
    "connectors/eaton/normalize.py": "a document of the archive that has another shape",
    "connectors/email/replies.py": "headers and parts of a mail as the standard library reads them",
    "connectors/netbox/failures.py": "pages of answers as the library for NetBox walks them",
    "opsconductor/connector/language/expression.py": "the steps of an expression, for unsuitable values",
    "opsconductor/connector/language/path.py": "comparisons of values in a search by JSONPath",
}
"""Where a list of such errors is what the standard library and others are known to raise for hostile data."""
CATCH_ALLS = {"Exception", "BaseException", "bare"}
MOST_ERRORS_NAMED = 3
"""Of the errors that code raises for unexpected data: a longer list in one place is a catch-all."""
VAGUE_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "service", "base", "core"}


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
        str(path.relative_to(ROOT)) for path in sources() if text_of(path).count("\n") > MOST_LINES_OF_A_FILE
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


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Walk everything in all modules but the helper's own, each node with its module."""
    for path in sources():
        name = str(path.relative_to(ROOT))
        if name != "opsconductor/guard.py":
            yield from ((name, node) for node in nodes_of(path))


def names_in(node: ast.AST | None) -> set[str]:
    """List the names of an expression; `bare` if there is none."""
    return {"bare"} if node is None else {n.id for n in walk(node) if isinstance(n, ast.Name)}


def callers_of(function: str) -> set[str]:
    """List the modules that call a function by its name."""
    return {
        path
        for path, node in nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
    }


def test_everything_is_caught_by_one_helper_in_named_places_only() -> None:
    """`guarded` and `guarded_data` of opsconductor/guard.py are used in the places listed above only."""
    assert callers_of("guarded") == set(GUARDED)
    assert callers_of("guarded_data") == set(GUARDED_DATA)
    assert callers_of("Guarded") == set()


def test_no_catch_all_is_hidden() -> None:
    """Neither in `gather(return_exceptions=True)` nor in `suppress` nor in a tuple that lists everything."""
    gathered = [p for p, n in nodes() if isinstance(n, ast.keyword) and n.arg == "return_exceptions"]
    suppressed = [
        path
        for path, node in nodes()
        if isinstance(node, ast.Call) and "suppress" in names_in(node.func) and names_in(node) & CATCH_ALLS
    ]
    foreseen = {error.__name__ for error in DATA_ERRORS}
    listed = {
        path
        for path, node in nodes()
        if isinstance(node, ast.Tuple) and len(names_in(node) & foreseen) > MOST_ERRORS_NAMED
    }
    assert (gathered, suppressed) == ([], [])
    assert listed == set(LISTED)


def test_nothing_is_caught_by_a_bare_or_broad_except() -> None:
    """Nor where it is raised again: what must be undone stands in an `ExitStack`. BLE001 is never ignored."""
    caught = [p for p, n in nodes() if isinstance(n, ast.ExceptHandler) and names_in(n.type) & CATCH_ALLS]
    silenced = [str(path.relative_to(ROOT)) for path in sources() if "BLE001" in text_of(path)]
    assert (caught, silenced) == ([], [])
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert configured["select"] == ["ALL"]
    assert not {"BLE", "BLE001"} & {*configured["ignore"], *chain(*configured["per-file-ignores"].values())}


def test_no_folder_holds_too_many_modules() -> None:
    """A folder with more than about twenty modules has a part that can be named; tests count as well."""
    modules = chain.from_iterable(
        (ROOT / top).rglob("*.py") for top in ("opsconductor", "connectors", "tests")
    )
    amounts = Counter(path.parent for path in modules if path.stem not in UNCOUNTED)
    crowded = [str(folder.relative_to(ROOT)) for folder, n in amounts.items() if n > MOST_MODULES_OF_A_FOLDER]
    assert crowded == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A thing that is put into `utils` cannot be found again."""
    assert [str(p) for p in sources() if p.stem in VAGUE_NAMES or p.parent.name in VAGUE_NAMES] == []


def test_bounded_maps_have_one_home() -> None:
    """What forgets its oldest entry is a `BoundedMap` of `opsconductor/limits.py`, not written out anew."""
    own = [
        str(path.relative_to(ROOT))
        for path in sources()
        if "OrderedDict" in text_of(path) or "popitem(" in text_of(path)
    ]
    assert own == ["opsconductor/limits.py"]


def test_no_two_public_classes_share_a_name() -> None:
    """A name means one thing. The skeletons that `connectors new` copies are each a package of their own."""
    homes: dict[str, set[str]] = {}
    for path in chain((ROOT / "opsconductor").rglob("*.py"), (ROOT / "connectors").rglob("*.py")):
        if "skeletons" in path.parts:
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(str(path.relative_to(ROOT)))
    assert {name: sorted(paths) for name, paths in homes.items() if len(paths) > 1} == {}

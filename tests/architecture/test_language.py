"""The language of the code: words of the field in docstrings, comments, texts and names."""

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from tests.support.sources import ROOT, Function, functions, nodes_of, sources, text_of

REFUSED = {
    "whoever": "who, or name the person or program",
    "nobody": "no user, no caller, no one; or: muted, unassigned, unknown",
    "everybody": "all users, all people",
    "somebody": "a user, an unknown sender",
    "anybody": "any user, any person",
    "tell": "report, notify, show, say; `tell apart`: distinguish",
    "tells": "as `tell`",
    "telling": "as `tell`",
    "told": "reported, notified; `told apart`: distinguished",
    "farewell": "the message or packet that is meant",
    "good-bye": "as `farewell`",
    "greet": "as `farewell`",
    "hear": "receive",
    "hears": "receives",
    "lonely": "single, unpaired",
    "quarrel": "conflict",
    "stranger": "unknown sender, other user",
    "go on": "continue, last",
    "goes on": "continues, lasts",
    "speaks": "uses, supports",
    "wants": "needs, requires, requests",
}
"""Words that are not written in the code, each with what to write instead."""
NAMES = frozenset(
    {"whoever", "nobody", "everybody", "somebody", "anybody", "tell", "tells", "telling", "told"}
)
"""Words that are not part of a name that the code defines."""
VERBS = frozenset(
    re.findall(
        r"[\w-]+",
        """
        Accept Accumulate Acknowledge Acquire Add Adopt Aggregate Allow Analyse Answer Append Apply Archive
        Ask Assign Authenticate Begin Bind Bisect Bound Bring Buffer Build Call Cancel Change Check Choose
        Claim Clear Close Collect Combine Commit Compare Compile Complete Compress Compute Concatenate
        Confirm Connect Continue Convert Copy Correct Count Create Cut Decide Declare Decode Decompose
        Decorate Decrypt Delete Deliver Deprecate Derive Describe Determine Discard Distribute Divide Do
        Downgrade Draw Drop Emit Empty Encode Encrypt End Ensure Enter Escape Evaluate Examine Exchange
        Execute Expand Expire Explain Fill Find Fit Flush Fold Follow Forget Format Forward Fsync Group Hand
        Handle Harden Hide Hold Identify Ignore Import Indent Index Interpolate Join Judge Keep Lay Learn
        Leave List Listen Load Lock Log Look Make Map Mark Measure Merge Move Name Normalize Note Notify
        Open Order Overwrite Parse Pass Plan Poll Post Prepare Print Process Promote Prompt Propose Provide
        Publish Put Query Queue Raise Re-evaluate Read Rebuild Receive Recommend Reconcile Record Redact
        Reduce Refill Refuse Register Reject Release Reload Remember Remove Rename Render Reopen Repeat
        Replace Replay Report Request Require Reserve Reset Resolve Respond Restart Restore Retire Retrieve
        Return Revoke Run Save Search See Send Serialize Serve Set Shelve Show Sign Skip Sort Split Start
        Stay Stop Store Submit Subscribe Subtract Sum Summarize Suppress Swap Switch Sync Take Test
        Translate Treat Truncate Trust Try Undo Unlock Unpack Unregister Unsubscribe Update Upgrade Use
        Validate Verify Wait Wake Walk Withdraw Work Wrap Write Yield
        """,
    )
)
"""Verbs with which a docstring of a function begins; not: Give, Have, Know, Let, Say, Tell."""
TITLED = ("property", "setter", "deleter", "group", "command")
"""Decorators of what is no function to its user: an attribute, or a command with its help text."""

WRITTEN = re.compile(rf"\b(?:{'|'.join(map(re.escape, REFUSED))})\b", re.IGNORECASE)
NAMED = re.compile("|".join(sorted(NAMES)), re.IGNORECASE)
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
FIRST = re.compile(r"[\w-]+")
VAGUE = re.compile(r'^\s*"""(?:Give|Have|Let|Say|Tell)\b')
OTHERS = ("opsconductor/**/*.sql", "migrations/**/*.sql", "opsconductor/**/*.j2")
TEXTS = frozenset({"COMMENT", "STRING", "FSTRING_MIDDLE"})


def refused_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the refused words in docstrings, comments and other texts of Python code, with their lines."""
    if not WRITTEN.search(text):
        return
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if tokenize.tok_name[token.type] in TEXTS:
            for found in WRITTEN.finditer(token.string):
                yield token.start[0] + token.string.count("\n", 0, found.start()), found.group().lower()


def refused_names_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Return the names with a refused word that code defines."""
    names = map(defined, nodes)
    return (name for name in names if not NAMES.isdisjoint(map(str.lower, PART.findall(name))))


def defined(node: ast.AST) -> str:
    """Return the name that a node defines; empty: none."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.arg(arg=name):
            return name
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return name
    return ""


def is_titled(function: Function) -> bool:
    """Return True if the docstring is the title of an attribute or of a command."""
    decorators = (each.func if isinstance(each, ast.Call) else each for each in function.decorator_list)
    return any(ast.unparse(each).endswith(TITLED) for each in decorators)


def test_no_text_has_a_refused_word() -> None:
    """Docstrings, comments and messages use the field's words, without idioms and metaphors."""
    assert [
        f"{path.relative_to(ROOT)}:{line} {word}: write {REFUSED[word]}"
        for path in sources()
        for line, word in refused_in(text_of(path))
    ] == []


def test_no_query_and_no_template_has_a_refused_word() -> None:
    """SQL, migrations included, and the templates of messages do likewise."""
    assert [
        f"{path.relative_to(ROOT)}:{line} {found.group()}"
        for path in sorted(each for pattern in OTHERS for each in ROOT.glob(pattern))
        for line, text in enumerate(text_of(path).splitlines(), 1)
        for found in WRITTEN.finditer(text)
    ] == []


def test_no_name_has_a_refused_word() -> None:
    """Functions, classes, parameters and variables are named with the field's words."""
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources()
        if NAMED.search(text_of(path))
        for name in refused_names_in(nodes_of(path))
    ] == []


def test_words_are_found_in_texts_and_names_only() -> None:
    """A docstring of several lines, a comment, a message and names; not the calls of others' functions."""
    code = '''
def tell(told_at: int) -> None:
    """Write it.

    Nobody waits.
    """
    place = file.tell()  # whoever reads
    raise ValueError(f"it was told: {place}")
'''
    assert list(refused_in(code)) == [(5, "nobody"), (7, "whoever"), (8, "told")]
    assert list(refused_names_in(ast.walk(ast.parse(code)))) == ["tell", "told_at"]


def test_docstrings_of_public_functions_begin_with_a_verb() -> None:
    """The first word is an imperative of the list, which rule D401 of ruff cannot check word by word."""
    begun = (
        (where, first.group() if (first := FIRST.match(text)) else "")
        for where, function in functions()
        if not function.name.startswith("_") and not is_titled(function)
        if (text := ast.get_docstring(function)) is not None
    )
    assert [f"{where}: {word}" for where, word in begun if word not in VERBS] == []


def test_verbs_are_in_order() -> None:
    """The list of verbs is sorted, so that a new one has one place."""
    listed = text_of(Path(__file__)).partition("VERBS = ")[2].split('"""')[1].split()
    assert listed == sorted(set(listed))


def test_no_docstring_begins_with_a_vague_verb() -> None:
    """Private functions and tests included: what is returned, passed or done has a verb of its own."""
    assert [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("opsconductor", "connectors", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if VAGUE.match(line)
    ] == []

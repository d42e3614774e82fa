"""Expressions of operators: what they can do, and that they can neither escape nor hang."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from opsconductor.connector.language.expression import LONGEST, MOST_CALLS, MOST_STEPS, Expression
from opsconductor.connector.language.functions import FUNCTIONS, LONGEST_TEXT, MOST_ENTRIES
from opsconductor.connector.language.template import Template
from opsconductor.errors import NormalizeError

KNOWN = {
    "payload": {
        "temp": 20.5,
        "items": [1, 2, 3],
        "tags": ["a", None, True, {"deep": 1}, 7],
        "name": "Pump",
        "count": "1e3",
        "get": 7,
        "deep": {"ok": True},
        "null": None,
        "long": "ab" * LONGEST_TEXT,
        "sharp": "\u00df" * LONGEST_TEXT,
        "many": [1] * (MOST_ENTRIES + 1),
        "huge": 10**400,
    },
    "device": "pump-1",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("payload.temp * 1.8 + 32", 68.9),
        ("-payload.temp", -20.5),
        ("7 // 2 - 7 % 4 / 1", 0.0),
        ("round(payload['temp'])", 20.0),
        ("round(payload.temp / 3, 1)", 6.8),
        ("payload.items[1]", 2),
        ("payload.items[-1]", 3),
        ("payload.name[0]", "P"),
        ("count(payload.items)", 3),
        ("sum(payload.items)", 6),
        ("average(payload.items)", 2),
        ("count(payload.x) + sum(payload.x)", 0),
        ("max(payload.x)", None),
        ("1 in payload.x", False),
        ("max(payload.items) - min(payload.items)", 2),
        ("max(payload.temp, 30, 7)", 30),
        ("join([first(payload.items), last(payload.items)])", "13"),
        ("payload.get", 7),
        ("join([lower(payload.name), device], '-')", "pump-pump-1"),
        ("trim(replace(upper(payload.name), 'P', 'bb'))", "bbUMbb"),
        ("join(payload.tags, '; ')", "a; ; true; ; 7"),
        ("int(payload.count) + float(payload.count)", 2000.0),
        ("int(payload.name)", 0),
        ("float(payload.name, -1)", -1),
        ("int(payload.huge, 5)", 10**400),
        ("float(payload.huge, 5)", 5),
        ("default(payload.none, 'x')", "x"),
        ("payload.none or payload.name or 'x'", "Pump"),
        ("text(payload.temp)", "20.5"),
        ("abs(0 - 3)", 3),
        ("'low' if payload.temp < 30 else 'ok'", "low"),
        ("20 < payload.temp <= 20.5 != 3", True),
        ("payload.name == 'Pump' and not payload.null or false", True),
        ("payload.deep.ok == true", True),
        ("payload.none.at.all", None),
        ("payload.items[9]", None),
        ("payload.items['x']", None),
        ("is_object(payload.deep) and payload.null == null and not known(payload.x)", True),
        ("is_boolean(payload.deep.ok) and is_text(payload.name) and is_number(payload.temp)", True),
        ("'Pu' in payload.name", True),
        ("device in ['a', 'pump-1']", True),
        ("2 not in payload.items", False),
        ("payload.x in device", False),
        ("'ok' in payload.deep", True),
    ],
)
def test_an_expression_calculates(text: str, value: object) -> None:
    """Keys, positions, numbers, texts, conditions and a few functions; a missing value is None."""
    assert Expression(text)(KNOWN) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{payload.name} at {payload.temp}", "Pump at 20.5"),
        (" {device} of {device_name} ", "pump-1 of {device_name}"),
        ("[{payload.null}{payload.x.y}{payload.deep}{payload.items}]", "[]"),
        ("{payload.deep.ok} {1 == 2}", "true false"),
        ("no braces", "no braces"),
    ],
)
def test_a_template_writes_a_text(text: str, written: str) -> None:
    """Booleans as in JSON; missing values are empty, objects and lists are JSON."""
    assert Template(text)(KNOWN) == written


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(9999) %}{% endfor %}",
        "{{ item.host }}",
        "{lower(payload.name)",
        "}",
        "{}",
        "{payload.name.upper()}",
        "{join(payload.items, d=',')}",
        "{x} " * (MOST_STEPS + 1),
        "x" * (LONGEST + 1),
    ],
)
def test_a_template_with_another_syntax_is_refused(text: str) -> None:
    """Braces may contain expressions only; the error shows the right form."""
    with pytest.raises(ValueError, match=r"a text such as \{item.host\}|an expression such as"):
        Template(text)


def test_a_text_for_people_is_written_whatever_is_missing() -> None:
    """A value that is missing or cannot be calculated is a question mark; the device's name comes later."""
    written = Template("{device_name} {payload.none} {payload.name / 2} {payload.temp}", unknown="?")(KNOWN)
    assert written == "{device_name} ? ? 20.5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "x = 1",
        "(x := 1)",
        "{'a': 1}",
        "lambda: 1",
        "[a for a in payload.items]",
        "f'{x}'",
        "b'x'",
        "...",
        "1j",
        "*x",
        "await x",
        "payload.items | sum",
        "payload.name ~ 'x'",
        "payload.name.upper()",
        "payload.long[0:5]",
        "format(1)",
        "map(payload.items, 'upper')",
        "range(10)",
        "open('/etc/passwd')",
        "join(payload.items, 1, 2)",
        "join(payload.items, between=1)",
        "join(*payload.many)",
        "2 ** 100000000",
        "1 << 100000000",
        "x is none",
        "item.class",
        "(" * 400,
        "-" * (LONGEST - 10) + "x",
        "not " * 240 + "x",
        "1" + "+1" * MOST_STEPS,
        "lower(" * (MOST_CALLS + 1) + "x" + ")" * (MOST_CALLS + 1),
        "x" * (LONGEST + 1),
        "x\0",
    ],
)
def test_an_invalid_expression_is_refused_at_once(text: str) -> None:
    """Statements, methods, powers, formats, slices and unknown functions are refused; steps are limited."""
    with pytest.raises(ValueError, match="an expression such as"):
        Expression(text)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("item.kind | lower", "lower\\(item.kind\\)"),
        ("item.a ~ item.b", "join\\(\\[a, b\\]\\)"),
        ("item.class", "item\\['class'\\]"),
        ("length(x)", "count, default"),
    ],
)
def test_an_error_shows_the_form_that_is_meant(text: str, hint: str) -> None:
    """Filters, concatenation and Python keywords are common first attempts."""
    with pytest.raises(ValueError, match=hint):
        Expression(text)


def test_the_names_in_an_expression_are_known_beforehand() -> None:
    """Configurations are checked by it: names without a value are faults."""
    assert Expression("a.b + max(c, 1) if known(d) else true").names == {"a", "c", "d"}
    assert Template("{a} {b or c} {device_name}").names == {"a", "b", "c"}


@pytest.mark.parametrize(
    "text",
    [
        "payload.__class__.__mro__",
        "payload.name.format",
        "''['__class__']",
        "payload.keys",
        "self",
        "range",
        "__builtins__",
        "null['__class__']",
    ],
)
def test_attributes_do_not_exist(text: str) -> None:
    """A payload is data: no attribute of it can be reached."""
    assert Expression(text)(KNOWN) is None


@pytest.mark.parametrize(
    "text",
    [
        "payload.long * 1000000",
        "'%1000000000d' % 1",
        "[1] * 1000000",
        "payload.temp + 'x'",
        "payload.missing + 1",
        "payload.items < 'x'",
        "payload == payload",
        "payload in 'x'",
        "1 in 2",
        "1 in 'x1'",
        "payload[payload]",
        "1 / 0",
        "1e308 * 10",
        "10000000000000000000000 * 2",
        "round(payload.huge)",
        "sum(payload.many)",
        "1 in payload.many",
        "join(payload.many)",
        "sum(payload.tags)",
        "count(7)",
    ],
)
def test_unusable_values_are_counted(text: str) -> None:
    """Arithmetic is for sensible numbers, comparing for simple values, searching for short lists."""
    with pytest.raises(NormalizeError, match="expression"):
        Expression(text)(KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{payload.long}" * 50,
        "{join([payload.long, payload.long])}",
        "{" + "replace(" * MOST_CALLS + "payload.long" + ", 'a', 'aaaaaaaaaa')" * MOST_CALLS + "}",
        "{" + "replace(" * MOST_CALLS + "payload.long" + ", '', payload.long)" * MOST_CALLS + "}",
        "{join([payload.long, payload.long], payload.long)}",
        "{" + "upper(" * MOST_CALLS + "payload.long" + ")" * MOST_CALLS + "}",
        "{upper(payload.sharp)}",
    ],
)
def test_no_text_grows_beyond_the_longest(text: str) -> None:
    """However a text grows, it is cut after its first 4,000 characters at every step."""
    template = Template(text)
    tracemalloc.start()
    try:
        written = template(KNOWN)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(written) == LONGEST_TEXT
    assert peak < MOST_STEPS * LONGEST_TEXT


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("value", [None, True, 10**400, float("nan"), "ab" * LONGEST_TEXT, [], [[]], {}, ""])
def test_functions_raise_only_our_own_error(name: str, value: object) -> None:
    """Any input results in a short value or in our own error."""
    arguments = {"replace": ", '', payload", "default": ", 1"}.get(name, "")
    with suppress(NormalizeError):
        found = Expression(f"{name}(payload{arguments})")({"payload": value})
        assert not isinstance(found, str) or len(found) <= LONGEST_TEXT


def test_every_function_is_reported_to_operators() -> None:
    """The names that exist are those of the documentation."""
    documented = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
    assert [name for name in FUNCTIONS if f"`{name}" not in documented] == []

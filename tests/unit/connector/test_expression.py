"""Expressions of operators: what they can do, and that they can neither escape nor hang."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from opsconductor.connector.expression import (
    LONGEST,
    MOST_FILTERS,
    MOST_STEPS,
    compile_expression,
    compile_template,
)
from opsconductor.connector.filters import FILTERS, LONGEST_TEXT, MOST_ENTRIES, TESTS
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
        ("payload['temp']|round", 20.0),
        ("(payload.temp / 3)|round(1)", 6.8),
        ("payload.items[1]", 2),
        ("payload.items[-1]", 3),
        ("payload.name[0]", "P"),
        ("payload.items|length", 3),
        ("payload.items|sum", 6),
        ("payload.x|length + payload.x|sum", 0),
        ("payload.x|max", None),
        ("1 in payload.x", False),
        ("payload.items|max - payload.items|min", 2),
        ("payload.items|first ~ payload.items|last", "13"),
        ("payload.get", 7),
        ("payload.name|lower ~ '-' ~ device", "pump-pump-1"),
        ("payload.name|upper|replace('P', 'bb')|trim", "bbUMbb"),
        ("payload.tags|join('; ')", "a; ; true; ; 7"),
        ("payload.count|int + payload.count|float", 2000.0),
        ("payload.name|int", 0),
        ("payload.name|float(-1)", -1),
        ("payload.huge|int(5)", 10**400),
        ("payload.huge|float(5)", 5),
        ("payload.none|default('x') ~ payload.null|d('y')", "xy"),
        ("''|default('x', true)", "x"),
        ("payload.temp|string", "20.5"),
        ("(0 - 3)|abs", 3),
        ("'low' if payload.temp < 30 else 'ok'", "low"),
        ("'low' if payload.temp > 30", None),
        ("20 < payload.temp <= 20.5 != 3", True),
        ("payload.name == 'Pump' and not payload.null or false", True),
        ("payload.deep.ok", True),
        ("payload.none.at.all", None),
        ("payload.items[9]", None),
        ("payload.items['x']", None),
        ("payload.temp if payload.temp is number", 20.5),
        ("payload.deep is mapping and payload.null is none and payload.x is not defined", True),
        ("payload.deep.ok is boolean and payload.name is string and payload.x is undefined", True),
        ("'Pu' in payload.name", True),
        ("device in ['a', 'pump-1']", True),
        ("2 not in payload.items", False),
        ("payload.x in device", False),
        ("'ok' in payload.deep", True),
    ],
)
def test_an_expression_calculates(text: str, value: object) -> None:
    """Keys, positions, numbers, texts, conditions and a few filters; what is missing is None."""
    assert compile_expression(text)(KNOWN) == value


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("{{ payload.name }} at {{ payload.temp }}", "Pump at 20.5"),
        (" {{ device }}{# a comment #} ", "pump-1"),
        ("[{{ payload.null }}{{ payload.x.y }}{{ payload.deep }}{{ payload.items }}]", "[]"),
        ("{{ payload.deep.ok }} {{ 1 == 2 }}", "true false"),
        ("{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("no braces", "no braces"),
    ],
)
def test_a_template_writes_a_text(text: str, written: str) -> None:
    """Truth as JSON has it; nothing for what is missing, objects and lists."""
    assert compile_template(text)(KNOWN) == written


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% set a = payload.long ~ payload.long %}{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include '/etc/passwd' %}",
        "{% if x %}y{% endif %}",
        "{{ range(999999999)|join }}",
        "{{ payload.name.upper() }}",
        "{{ payload.long.replace('a', payload.long) }}",
        "{{ '{:999999999}'.format(1) }}",
        "{{ '%0999999999d'|format(1) }}",
        "{{ 'x'|center(999999999) }}",
        "{{ payload.items|map('upper')|list }}",
        "{{ payload|tojson(indent=9999) }}",
        "{{ payload.items|join(d=',') }}",
        "{{ payload.items|join(*payload.many) }}",
        "{{ payload.items|join(1, 2) }}",
        "{{ 2 ** 999999999 }}",
        "{{ payload.long[0:5] }}",
        "{{ {'a': 1} }}",
        "{{ payload.temp is divisibleby 3 }}",
        "{{ payload.temp is odd }}",
        "{{ lipsum() }}",
        "{{ cycler.__init__.__globals__.os.popen('id') }}",
        "{{ x }",
        "{{ " + "(" * (LONGEST - 10) + " }}",
        "{{ " + "-" * (LONGEST - 10) + "x }}",
        "{{ 1" + "+1" * MOST_STEPS + " }}",
        "{{ x }}" * (MOST_STEPS + 1),
        "{{ x" + "|lower" * (MOST_FILTERS + 1) + " }}",
        "x" * (LONGEST + 1),
    ],
)
def test_a_template_that_could_hang_or_escape_is_refused_at_once(text: str) -> None:
    """Statements, calls, powers, formats and slices do not exist, and there are few steps."""
    with pytest.raises(ValueError, match=r"a Jinja2 text such as .*; |at most"):
        compile_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "1, 2",
        "{{ 1 }}",
        "1 }} {{ 2",
        "{% if %}",
        "payload.x|format(1)",
        "x|map('upper')",
        "range(10)",
        "payload.name.upper()",
        "2 ** 100000000",
        "(" * 400,
        "not " * 249 + "x",
        "x" * (LONGEST + 1),
    ],
)
def test_what_is_no_expression_is_refused_at_once(text: str) -> None:
    """A configuration with it is refused."""
    with pytest.raises(ValueError, match=r"Jinja2 expression|at most"):
        compile_expression(text)


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
        "none['__class__']",
    ],
)
def test_attributes_do_not_exist(text: str) -> None:
    """A payload is data: there is nothing behind it."""
    assert compile_expression(text)(KNOWN) is None


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
        "payload.huge|round",
        "payload.many|sum",
        "1 in payload.many",
        "payload.many|join",
        "payload.tags|sum",
        "7|length",
    ],
)
def test_values_that_nothing_can_be_done_with_are_counted(text: str) -> None:
    """Arithmetic is for sensible numbers, comparing for simple values, searching for short lists."""
    with pytest.raises(NormalizeError, match="expression"):
        compile_expression(text)(KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "{{ payload.long }}" * 50,
        "{{ payload.long ~ payload.long }}",
        "{{ payload.long" + "|replace('a', 'aaaaaaaaaa')" * MOST_FILTERS + " }}",
        "{{ payload.long" + "|replace('', payload.long)" * MOST_FILTERS + " }}",
        "{{ [payload.long, payload.long]|join(payload.long) }}",
        "{{ payload.long" + "|upper" * MOST_FILTERS + " }}",
        "{{ payload.sharp|upper }}",
    ],
)
def test_no_text_grows_beyond_the_longest(text: str) -> None:
    """However a text is made to grow, what is behind its first 4,000 characters is cut off at every step."""
    template = compile_template(text)
    tracemalloc.start()
    try:
        written = template(KNOWN)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(written) == LONGEST_TEXT
    assert peak < MOST_STEPS * LONGEST_TEXT


@pytest.mark.parametrize("name", sorted(FILTERS))
@pytest.mark.parametrize("value", [None, True, 10**400, float("nan"), "ab" * LONGEST_TEXT, [], [[]], {}, ""])
def test_filters_fail_by_what_is_caught_alone(name: str, value: object) -> None:
    """Whatever comes in: a short value comes out, or our own error."""
    arguments = "('', payload)" if name == "replace" else ""
    with suppress(NormalizeError):
        found = compile_expression(f"payload|{name}{arguments}")({"payload": value})
        assert not isinstance(found, str) or len(found) <= LONGEST_TEXT


def test_every_filter_and_test_is_told_to_operators() -> None:
    """The names that exist are those of the documentation."""
    told = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text()
    assert [name for name in (*FILTERS, *TESTS) if f"`{name}`" not in told] == []

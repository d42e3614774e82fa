"""Expressions and templates of operators over what others send: they can neither escape nor hang.

They are written in Jinja2's language, but Jinja2 only reads them. Each is made of the few steps listed here,
which know values of JSON and nothing else: no statements, calls, attributes, powers and formats. There are at
most `MOST_STEPS` of them, and what each works on is bounded (`filters.py`).
"""

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from jinja2 import Environment, TemplateError, nodes
from jinja2.parser import Parser

from opsconductor.connector.filters import FILTERS, TESTS, bounded, is_entry, number, simple, text_of
from opsconductor.errors import NormalizeError

LONGEST = 1_000
"""Characters of an expression or a template."""
MOST_STEPS = 200
"""Names, keys, constants, operators, filters and pieces of text in it."""
MOST_FILTERS = 20
"""They cost most: some 20 us each for the longest text."""
FAULTS = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)
"""What steps raise for values that they cannot work with."""

Known = Mapping[str, object]
Step = Callable[[Known], object]
Expression = Callable[[Known], object]
"""Gives the value, None where what is asked for is missing; raises NormalizeError `expression`."""
Template = Callable[[Known], str]
"""Writes the text, nothing where a value is missing; raises NormalizeError `expression`."""

ARITHMETIC: Mapping[type[nodes.BinExpr], Callable[[float, float], float]] = {
    nodes.Add: operator.add,
    nodes.Sub: operator.sub,
    nodes.Mul: operator.mul,
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: operator.mod,
}
COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "eq": lambda left, right: simple(left) == simple(right),
    "ne": lambda left, right: simple(left) != simple(right),
    "lt": lambda left, right: simple(left) < simple(right),
    "lteq": lambda left, right: simple(left) <= simple(right),
    "gt": lambda left, right: simple(left) > simple(right),
    "gteq": lambda left, right: simple(left) >= simple(right),
    "in": is_entry,
    "notin": lambda left, right: not is_entry(left, right),
}
SYNTAX = Environment(autoescape=False)  # noqa: S701 - it only reads; nothing is rendered


def compile_expression(text: str) -> Expression:
    """Read an expression such as `payload.temperature * 1.8 + 32`; raises ValueError with what is wrong."""
    _measure(text)
    try:
        parser = Parser(SYNTAX, text, state="variable")
        tree = parser.parse_expression()
        parser.stream.expect("eof")
        _count(nodes.Output([tree]))
        return _guarded(_step(tree), text)
    except (TemplateError, RecursionError, ValueError) as error:
        raise ValueError(f"a Jinja2 expression such as payload.temperature * 1.8 + 32; {error}") from None


def compile_template(text: str) -> Template:
    """Read a text with expressions in `{{ }}`; raises ValueError with what is wrong."""
    _measure(text)
    try:
        tree = SYNTAX.parse(text)
        _count(tree)
        pieces = [_piece(node) for output in tree.body for node in _outputs(output)]
    except (TemplateError, RecursionError, ValueError) as error:
        raise ValueError(f"a Jinja2 text such as {{{{ item.host }}}}-{{{{ item.port }}}}; {error}") from None
    return partial(_write, _guarded(partial(_joined, pieces), text))


def _measure(text: str) -> None:
    if len(text) > LONGEST:
        raise ValueError(f"at most {LONGEST} characters")


def _count(tree: nodes.Node) -> None:
    for kind, most, what in ((nodes.Expr, MOST_STEPS, "steps"), (nodes.Filter, MOST_FILTERS, "filters")):
        amount = sum(1 for _ in tree.find_all(kind))
        if amount > most:
            raise ValueError(f"{amount} {what}; at most {most} are possible")


def _guarded(step: Step, text: str) -> Step:
    """Tell faults of a step by our own error."""

    def evaluate(known: Known) -> object:
        try:
            return step(known)
        except FAULTS as error:
            raise NormalizeError("expression", f"{text}: {str(error)[:200]}") from None

    return evaluate


def _write(step: Step, known: Known) -> str:
    return text_of(step(known)).strip()


def _outputs(node: nodes.Node) -> Iterable[nodes.Expr]:
    if not isinstance(node, nodes.Output):
        raise ValueError("statements are not possible")  # noqa: TRY004 - pydantic reports ValueError
    return node.nodes


def _piece(node: nodes.Expr) -> Step:
    if isinstance(node, nodes.TemplateData):
        return partial(_constant, node.data)
    return _step(node)


def _step(node: nodes.Expr) -> Step:
    """Make the step of a node; raises ValueError for what is not possible."""
    match node:
        case nodes.Const(value=value):
            return partial(_constant, bounded(value))
        case nodes.Name(name=name):
            return partial(_named, name)
        case nodes.Getattr(node=of, attr=key):
            return partial(_item, _step(of), partial(_constant, key))
        case nodes.Getitem(node=of, arg=key):
            return partial(_item, _step(of), _step(key))
        case nodes.And() | nodes.Or() | nodes.Not() | nodes.Neg() | nodes.BinExpr():
            return _operation(node)
        case _:
            return _combination(node)


def _combination(node: nodes.Expr) -> Step:
    match node:
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return partial(_listed, [_step(item) for item in items])
        case nodes.Concat(nodes=parts):
            return partial(_joined, [_step(part) for part in parts])
        case nodes.CondExpr(test=test, expr1=yes, expr2=no):
            return partial(_chosen, _step(test), _step(yes), _step(no) if no else partial(_constant, None))
        case nodes.Filter(node=of, name=name, args=args) if of is not None and not _has_names(node):
            return _filtered(name, [_step(of), *(_step(arg) for arg in args)])
        case nodes.Test(node=of, name=name, args=[]) if name in TESTS:
            return partial(_applied, TESTS[name], [_step(of)])
        case nodes.Compare(expr=left, ops=operands):
            compared = [(COMPARISONS[operand.op], _step(operand.expr)) for operand in operands]
            return partial(_compared, _step(left), compared)
        case nodes.Filter(name=what) | nodes.Test(name=what):
            raise ValueError(f"{what} is not possible, or not in this form")
        case _:
            raise ValueError(f"{type(node).__name__.lower()} is not possible")


def _operation(node: nodes.Expr) -> Step:
    match node:
        case nodes.And(left=left, right=right):
            return partial(_both, _step(left), _step(right))
        case nodes.Or(left=left, right=right):
            return partial(_either, _step(left), _step(right))
        case nodes.Not(node=of):
            return partial(_applied, operator.not_, [_step(of)])
        case nodes.Neg(node=of):
            return partial(_calculated, operator.sub, partial(_constant, 0), _step(of))
        case nodes.BinExpr(left=left, right=right) if type(node) in ARITHMETIC:
            return partial(_calculated, ARITHMETIC[type(node)], _step(left), _step(right))
        case _:
            raise ValueError(f"{type(node).__name__.lower()} is not possible")


def _has_names(node: nodes.Filter) -> bool:
    return bool(node.kwargs or node.dyn_args or node.dyn_kwargs)


def _filtered(name: str, steps: Sequence[Step]) -> Step:
    if name not in FILTERS:
        raise ValueError(f"no filter {name}; there are {', '.join(sorted(FILTERS))}")
    try:
        inspect.signature(FILTERS[name]).bind(*steps)
    except TypeError as error:
        raise ValueError(f"{name}: {error}") from None
    return partial(_applied, FILTERS[name], steps)


def _constant(value: object, _: Known) -> object:
    return value


def _named(name: str, known: Known) -> object:
    return bounded(known.get(name))


def _item(of: Step, key: Step, known: Known) -> object:
    """Read a key or a position: values have no attributes."""
    value, at = of(known), key(known)
    if isinstance(value, dict):
        return bounded(value.get(at))
    if isinstance(value, list | str) and isinstance(at, int) and -len(value) <= at < len(value):
        return bounded(value[at])
    return None


def _listed(steps: Sequence[Step], known: Known) -> object:
    return [step(known) for step in steps]


def _joined(steps: Sequence[Step], known: Known) -> object:
    return bounded("".join([text_of(step(known)) for step in steps]))


def _chosen(test: Step, yes: Step, no: Step, known: Known) -> object:
    return yes(known) if test(known) else no(known)


def _both(left: Step, right: Step, known: Known) -> object:
    return left(known) and right(known)


def _either(left: Step, right: Step, known: Known) -> object:
    return left(known) or right(known)


def _applied(function: Callable[..., object], steps: Sequence[Step], known: Known) -> object:
    return bounded(function(*[step(known) for step in steps]))


def _calculated(function: Callable[[float, float], float], left: Step, right: Step, known: Known) -> object:
    return function(number(left(known)), number(right(known)))


def _compared(
    first: Step, rest: Sequence[tuple[Callable[[object, object], bool], Step]], known: Known
) -> object:
    left = first(known)
    for holds, step in rest:
        right = step(known)
        if not holds(left, right):
            return False
        left = right
    return True

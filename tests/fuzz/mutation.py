"""Makes almost valid inputs, which find faults of parsers. Everything follows from one printed seed."""

import os
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import gettempdir
from time import monotonic, thread_time

BOUNDARIES = (0x00, 0x01, 0x1F, 0x30, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0xA4, 0xA6, 0xA7, 0xFE, 0xFF)
TRIES = 3
"""An input counts as slow when the fastest of so many tries is: the machine may be busy."""

TEXTS = (
    "\r\nBcc: everybody@example.org\r\n\r\nforged",
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>",
    "{{7*7}}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "{device_name.__class__.__mro__} {0} %s%n%(x)s ${env:HOME} vault:x",
    "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m",
    "a\0b\0",
    "\u202egnp.exe\u2066\u2069\u200f\u2028\u2029\ufeff",
    "'; DROP TABLE alerts; -- \\' $1 %_",
    "=cmd|' /C calc'!A0",
    "\N{GRINNING FACE}" * 20,
    "e\u0301\u0327" * 50,
    "x" * 5_000,
)


def seconds(share: float) -> float:
    """How long one kind of input is tried: its share of FUZZ_SECONDS, by default of 5 s."""
    return float(os.environ.get("FUZZ_SECONDS", "5")) * share


def seed() -> int:
    """Choose the seed; FUZZ_SEED repeats an earlier one.

    CI tries the same inputs each time, so that it fails for what a change did; `make fuzz` explores.
    """
    return int(os.environ.get("FUZZ_SEED") or ("1" if "CI" in os.environ else Random().randrange(2**32)))


def mutated(data: bytes, chance: Random, corpus: Sequence[bytes]) -> bytes:
    """Change, cut, double, insert or splice bytes, a few times."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        CHANGES[chance.randrange(len(CHANGES))](changed, chance, corpus)
    return bytes(changed[:65_507])


def _change(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] = chance.choice((*BOUNDARIES, chance.randrange(256)))


def _flip(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _delete(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.choice((1, 1, 2, 16))]


def _double(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    start = chance.randrange(len(data) + 1)
    piece = data[start : start + chance.choice((1, 4, 32, 256))]
    data[start:start] = piece * chance.choice((1, 1, 2, 50))


def _insert(data: bytearray, chance: Random, _corpus: Sequence[bytes]) -> None:
    start = chance.randrange(len(data) + 1)
    text = chance.choice(TEXTS).encode("utf-8", "surrogatepass")
    data[start:start] = chance.choice((chance.randbytes(chance.randrange(9)), text))


def _splice(data: bytearray, chance: Random, corpus: Sequence[bytes]) -> None:
    other = chance.choice(corpus)
    start = chance.randrange(len(data) + 1)
    data[start:] = other[min(len(other), start) :]


CHANGES: Sequence[Callable[[bytearray, Random, Sequence[bytes]], None]] = (
    _change, _change, _flip, _cut, _delete, _double, _insert, _splice,
)  # fmt: skip


def inputs(
    make: Callable[[Random], bytes], lasting_s: float, chance: Random, least: int = 100
) -> Iterator[bytes]:
    """Make inputs until the time is over, and at least so many: a busy machine comes to few in that time."""
    end = monotonic() + lasting_s
    made = 0
    while made < least or monotonic() < end:
        made += 1
        yield make(chance)


def kept(data: bytes, kind: str) -> str:
    """Keep an input that caused a failure in a file; return its path."""
    path = Path(gettempdir()) / f"opsconductor-fuzz-{kind}-{sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return str(path)


def cpu_s(act: Callable[[], object], limit_s: float) -> float:
    """Measure the processor time of an act; one above the limit is measured again."""
    spent = limit_s
    for _ in range(TRIES):
        begun = thread_time()
        act()
        spent = min(spent, thread_time() - begun)
        if spent < limit_s:
            break
    return spent

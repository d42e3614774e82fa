"""Recurrence rules of maintenance windows: which are accepted."""

import re
from datetime import MAXYEAR, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EXPECTED_RULE = "a recurrence rule such as FREQ=WEEKLY;BYDAY=TU"
_days = r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)"
_month_days = r"[+-]?([1-9]|[12][0-9]|3[01])"
_months = r"([1-9]|1[0-2])"
RULE_PARTS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("[1-9][0-9]?"),
    "BYDAY": re.compile(f"{_days}(,{_days}){{0,6}}"),
    "BYMONTHDAY": re.compile(f"{_month_days}(,{_month_days}){{0,30}}"),
    "BYMONTH": re.compile(f"{_months}(,{_months}){{0,11}}"),
    "BYSETPOS": re.compile("[+-]?[1-9]"),
    "WKST": re.compile("MO|TU|WE|TH|FR|SA|SU"),
}
"""Parts of recurrence rules and their values."""

FIRST_WITHIN = timedelta(days=3_652)
"""Time from the start in which a rule must have an occurrence; the engine looks as far ahead."""
CALENDAR_YEARS = 400
"""The Gregorian calendar repeats itself, with the days of the week."""
LAST_YEAR = MAXYEAR - FIRST_WITHIN.days // 365


def checked_rule(text: str) -> str:
    """Return a recurrence rule in its one form.

    Raises:
        ValueError: It is not a rule, or one that would need ages to be evaluated.
    """
    text = text.upper().removeprefix("RRULE:").strip("; ")
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    if len(parts) != text.count(";") + 1 or "FREQ" not in parts:
        raise ValueError(EXPECTED_RULE)
    for key, value in parts.items():
        if key not in RULE_PARTS:
            raise ValueError(f"{EXPECTED_RULE}, of {', '.join(RULE_PARTS)}; the last one is given by end_at")
        if not RULE_PARTS[key].fullmatch(value):
            raise ValueError(f"{EXPECTED_RULE}; {key}={value[:20]} is not possible")
    return text


@lru_cache(maxsize=1_000)
def occurs(rule: str, zone: str, start_at: datetime) -> bool:
    """Return True if a rule has an occurrence within ten years of its start.

    The library searches a rule without occurrence, such as `FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`, up to the
    year 9999, for seconds. So the search begins as late as the same calendar allows.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415  # few windows recur, and importing it takes a while

    try:
        first = start_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    except OverflowError:  # before the year 1 there
        return False
    cycles = max(0, LAST_YEAR - first.year) // CALENDAR_YEARS
    late = first.replace(year=first.year + CALENDAR_YEARS * cycles)
    found = rrulestr(f"RRULE:{rule}", dtstart=late).after(late, inc=True)
    return found is not None and found - late <= FIRST_WITHIN

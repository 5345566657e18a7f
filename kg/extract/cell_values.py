"""What a cell of a workbook holds, as text: numbers as typed, dates by year, month and day."""

from __future__ import annotations

import datetime
import re

_STAMP = re.compile(r"_x000[dD]_")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def text_of(value: object, number_format: str) -> str:
    """The value as text: 1 and 1.0 give "1", a half "0.5", or "50%" where it is shown so.

    Texts stay as they are, blanks included. Of a number's format only the percent sign counts.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        if "%" in _QUOTED.sub("", number_format):
            return f"{_plain(round(value * 100, 10))}%"
        return _plain(value)
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return _STAMP.sub("", str(value))


def date_in(value: object) -> bool:
    """Whether the value is a date, a time or a span of time, not the text or number of one."""
    return isinstance(value, datetime.date | datetime.time | datetime.timedelta)


def _plain(number: float) -> str:
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"

"""Where in a document something stands, as pages say it: a line, or a row of a sheet."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext


class Line(NamedTuple):
    """A line of a text, or a row of a sheet; `sheet` is "" in documents without sheets.

    As a text it stands where pages have the number of a line: "197", "シート「事業」12",
    "12 of sheet “事業”".
    """

    sheet: str
    number: int

    def __str__(self) -> str:
        if not self.sheet:
            return str(self.number)
        return str(gettext("シート「%(sheet)s」%(number)s", sheet=self.sheet, number=self.number))

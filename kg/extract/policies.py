"""Basic policies: headings above their projects, or a column of the project table."""

from __future__ import annotations

import re

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.cells import parse_number
from kg.extract.rows import TextLine
from kg.origin import Origin
from kg.records import Policy
from kg.text import clean, folded, name_key

# "1 すこやかなまち" in a column of policies
_NUMBERED = re.compile(r"([0-9０-９]{1,4})[\s.:：、]+(\S.*)")


class PoliciesReader:
    """Reads policies as they come; problems go to the shared list.

    `found` has every policy by number, in document order; `current` is the number of the one
    whose heading was read last.
    """

    def __init__(self, headings: Headings, problems: Problems) -> None:
        marks = "|".join(map(re.escape, headings.words("policy", "mark")))
        self._heading = re.compile(
            rf"[◆■●▼◇□#*・]*\s*(?:{marks})\s*[(（]?\s*([0-9０-９]{{1,4}})[)）]?[\s.:：、]*(.*?)"
            r"(?:[(（](?:続き|つづき)[)）])?\**"
        )
        self._problems = problems
        self.found: dict[str, Policy] = {}
        self.current: str | None = None

    def line(self, line: TextLine) -> bool:
        """Take a text line such as "## 基本施策1 …"; False if it is no heading of a policy."""
        return bool(re.match(r"\s*[◆#*]", line.text)) and self.heading(line.text, line.origin)

    def heading(self, text: str, origin: Origin) -> bool:
        """Take a heading such as "◆基本施策 1 …"; False if the text is none."""
        match = self._heading.fullmatch(clean(text))
        if match is None:
            return False
        self.current = str(int(folded(match[1])))
        self._take(self.current, clean(match[2]), text, origin)
        return True

    def of_cell(self, text: str, origin: Origin, column: str) -> str | None:
        """The number of the policy that a row's own cell names; an empty cell means the current.

        A bare number needs a name elsewhere in the document.
        """
        printed = clean(text)
        if not printed:
            return self.current
        bare = parse_number(printed)
        if bare is not None:
            self._take(str(bare), "", printed, origin)
            return str(bare)
        match = self._heading.fullmatch(printed) or _NUMBERED.fullmatch(printed)
        if match is None:
            self._problems.add("policy-heading", origin, found=quoted(printed), column=column)
            return None
        number = str(int(folded(match[1])))
        self._take(number, clean(match[2]), printed, origin)
        return number

    def _take(self, number: str, name: str, printed: str, origin: Origin) -> None:
        if not name and number in self.found:
            return
        if not name:
            self._problems.add("policy-name", origin, found=quoted(printed), number=number)
            name = printed
        first = self.found.setdefault(number, Policy(number, name, origin))
        if name_key(first.name) != name_key(name):
            self._problems.add(
                "policy-twice",
                origin,
                found=quoted(name),
                number=number,
                name=quoted(first.name),
                first=first.origin.where,
            )

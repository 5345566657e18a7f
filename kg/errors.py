"""Problems told to the author of a document, and every exception of the package.

    SdgplanError
    ├── PlanRefused        a plan has problems; carries all of them            exit code 1
    ├── WrongUse           a command, setting or path that cannot be meant     exit code 2
    │   ├── SettingsError  sdgplan.toml or an SDGPLAN_* variable is unreadable exit code 2
    │   ├── CodesError     a code list of data/codes that cannot be read       exit code 2
    │   └── FormatError    an answer asked for in a form it cannot have        exit code 2
    ├── ReleaseError       a release that is absent, damaged or being written  exit code 2
    ├── StorageError       the disk that holds the releases is full            exit code 3
    ├── StoreFailed        a remote store did not do what it was asked         exit code 1
    │   ├── StoreUnreachable  it is not there, or broke off its answer         exit code 1
    │   └── StoreTimedOut  it did not do it in time                            exit code 1
    ├── QueryError         a SPARQL text that cannot be read                   exit code 1
    ├── UnpublishableTerm  a blank node, or a term that is not valid RDF       exit code 3
    ├── ValidatorsDisagree pySHACL and the second validator differ             exit code 3
    └── IriCollision       two names of one municipality share a hash          exit code 1

A `Problem` is not an exception: problems are collected, all of them, and raised
together as `PlanRefused` (rule 7 of the style guide).
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import cast

from kg.origin import Origin

SHOWN_CHARACTERS = 120
"""Longest quotation of a document in a problem, in characters; the rest is cut with an ellipsis."""

SHOWN_OF_A_KIND = 100
"""Problems of one kind told of one document; more are counted only."""

EXIT_FINE, EXIT_PROBLEMS, EXIT_WRONG_USE, EXIT_OUR_FAULT = 0, 1, 2, 3


def quoted(text: str) -> str:
    """The text in double quotes on one line, control characters visible, at most 120 characters."""
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    if len(visible) > SHOWN_CHARACTERS:
        visible = visible[: SHOWN_CHARACTERS - 1] + "…"
    return f'"{visible}"'


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where, what was found, what was expected, how to mend it.

    `statement` is a clause without a full stop; `column` is the heading as printed.
    `found` and `japanese` (the statement in Japanese), where given, are lines of their own.
    `code` names the kind of problem (a row of docs/reference/problems.md), or the SHACL
    constraint, as in "C03".
    """

    code: str
    origin: Origin
    statement: str
    expected: str
    fix: str
    found: str | None = None
    column: str | None = None
    japanese: str | None = None

    def __str__(self) -> str:
        where = str(self.origin)
        if self.column is not None:
            where += f", column {quoted(self.column)}"
        second = f"Expected: {self.expected}."
        if self.found is not None:
            second = f"Found: {self.found}. {second}"
        lines = [f"{where}: {self.statement}. [{self.code}]", f"  {second}", f"  Fix: {self.fix}."]
        if self.japanese is not None:
            lines.insert(1, f"  {self.japanese}")
        return "\n".join(lines)

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Document order within a sheet: file, line or row, then code and words."""
        place = self.origin.number or 0
        return (self.origin.document, self.origin.page or 0, place, self.code, self.statement)


class Problems(list[Problem]):
    """A growing list of problems; readers share one, so that all are told at once."""

    def add(
        self,
        code: str,
        origin: Origin,
        *,
        found: str | None = None,
        column: str | None = None,
        **values: object,
    ) -> None:
        """Collect a problem of a kind in `kg/problems.toml`; `values` fill its sentences."""
        kind = problem_kinds()[code]
        words = {part: text.format(**values) for part, text in kind.items()}
        self.append(Problem(code, origin, found=found, column=column, **words))


@cache
def problem_kinds() -> Mapping[str, Mapping[str, str]]:
    """Every kind of problem: code -> statement, expected and fix, with {names} to be filled."""
    text = Path(__file__).with_name("problems.toml").read_text(encoding="utf-8")
    return cast(Mapping[str, Mapping[str, str]], tomllib.loads(text))


def in_document_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems sorted by place, each once.

    Of one kind in one document the first 100 are kept, and the last of these says how many
    more there are: a file of another kind altogether has one in each of its lines.
    """
    told = list(dict.fromkeys(problems))
    # sheets are read in the workbook's order, so a sheet's first problem tells its place
    sheets = {sheet: n for n, sheet in enumerate(dict.fromkeys(p.origin.sheet for p in told))}

    def key(problem: Problem) -> tuple[object, ...]:
        document, *rest = problem.sort_key()
        return (document, sheets[problem.origin.sheet], *rest)

    ordered = sorted(told, key=key)
    times = Counter((problem.origin.document, problem.code) for problem in ordered)
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for problem in ordered:
        kind = (problem.origin.document, problem.code)
        seen[kind] += 1
        more = times[kind] - SHOWN_OF_A_KIND
        if seen[kind] == SHOWN_OF_A_KIND and more > 0:
            problem = replace(problem, fix=f"{problem.fix}; {more:,} more places are like this one")
        if seen[kind] <= SHOWN_OF_A_KIND:
            kept.append(problem)
    return tuple(kept)


def summary_line(problems: Sequence[Problem]) -> str:
    """`4 problems in 2 documents. These plans were not published.`"""
    documents = len({problem.origin.document for problem in problems})
    many, files = (
        f"{n} {word}" if n == 1 else f"{n} {word}s"
        for n, word in ((len(problems), "problem"), (documents, "document"))
    )
    return f"{many} in {files}."


class SdgplanError(Exception):
    """The root of every exception this package raises on purpose."""

    exit_code = EXIT_OUR_FAULT


class WrongUse(SdgplanError):
    """A command, setting or path that cannot be meant."""

    exit_code = EXIT_WRONG_USE


class SettingsError(WrongUse):
    """A setting that cannot be read; the text names it, what it is and what it should be."""


class CodesError(WrongUse):
    """A code list that cannot be used; the text names file, row and column of all that is wrong."""


@dataclass
class PlanRefused(SdgplanError):
    """A plan that cannot be published; carries every problem, in document order."""

    plan: str
    problems: tuple[Problem, ...] = field(default=())

    exit_code = EXIT_PROBLEMS

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), summary_line(self.problems)])


class ReleaseError(SdgplanError):
    """A release that is absent, damaged or being written by another process."""

    exit_code = EXIT_WRONG_USE


class StorageError(SdgplanError):
    """The disk that holds the releases is full; the release that was served is served still."""


class StoreFailed(SdgplanError):
    """A remote store gave no answer, or none that can be used; the text says which and why."""

    exit_code = EXIT_PROBLEMS


class StoreUnreachable(StoreFailed):
    """A remote store that is not there, or that broke off its answer."""


class StoreTimedOut(StoreFailed):
    """A remote store did not answer in time."""


class QueryError(SdgplanError):
    """A SPARQL text that cannot be read or answered; the text says where and why.

    `line` and `column` count from 1 and are None where the engine does not tell them.
    """

    exit_code = EXIT_PROBLEMS

    def __init__(self, text: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


class FormatError(WrongUse):
    """A media type that the answer of this kind of query cannot be written in."""


class UnpublishableTerm(SdgplanError):
    """A term that no dump may hold: a blank node, an invalid IRI, half of a surrogate pair."""


class ValidatorsDisagree(SdgplanError):
    """pySHACL and the second validator give different results for one plan."""


class IriCollision(SdgplanError):
    """Two different names of one municipality would get the same IRI."""

    exit_code = EXIT_PROBLEMS

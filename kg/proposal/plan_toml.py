"""The text of a proposed plan.toml: values that were found, "?" and `# ?` for what was not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from kg.errors import quoted
from kg.extract.plan import Extraction
from kg.municipalities import Municipality
from kg.plan_fields import LICENCES
from kg.plan_settings import PLACEHOLDER
from kg.proposal import layouts
from kg.proposal.columns import ReadTable, missing
from kg.proposal.evidence import Evidence, Found
from kg.proposal.layouts import mark_questions
from kg.proposal.measures import UNSURE, document_questions, measure_tables
from kg.proposal.municipality import municipality_lines

__all__ = ["UNSURE", "plan_toml"]


def plan_toml(
    file: str,
    evidence: Evidence,
    tables: Sequence[ReadTable],
    extraction: Extraction,
    parts: Sequence[str],
    icons: Found | None,
    today: date,
    municipality: Municipality | None = None,
) -> str:
    """The whole file. A line that begins with `# ?` is a question that a person settles."""
    lines = [
        f"# Proposed by sdgplan new from {quoted(file)}. Keys: docs/reference/plan-toml.md.",
        f'# Fill in every "{PLACEHOLDER}", settle every line that begins with "{UNSURE}", then run',
        "# sdgplan check on this folder.",
        *municipality_lines(evidence.city, municipality, UNSURE),
        *_plan(evidence),
        *_document(file, tables, extraction, parts, icons),
        *measure_tables(extraction),
        *_dataset(today),
        *_columns(tables),
        *mark_questions(extraction.problems),
    ]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plan(evidence: Evidence) -> Iterator[str]:
    yield from ("", "[plan]")
    yield "# short ASCII name of the basic plan, chosen once: it ends in every address"
    yield f'slug = "{PLACEHOLDER}"'
    for key, found in (("title", evidence.title), ("basic_plan", evidence.basic_plan)):
        if found:
            yield f"{UNSURE} from {found.where}; an English title is welcome: en = …"
        else:
            yield "# no line of the document looks like it"
        yield f"{key} = {{ ja = {_text(found.value if found else PLACEHOLDER)} }}"
    year = evidence.year
    if year is None:
        yield "# no title, total or heading names a fiscal year"
        yield f'fiscal_year = "{PLACEHOLDER}"'
        return
    yield f"{UNSURE if year.doubt else '#'} from {year.where} {year.doubt}".rstrip()
    yield f"fiscal_year = {year.value}"


def _document(
    file: str,
    tables: Sequence[ReadTable],
    extraction: Extraction,
    parts: Sequence[str],
    icons: Found | None,
) -> Iterator[str]:
    yield from ("", "[document]")
    yield from (f"# {sentence}" for sentence in extraction.said)
    yield f"file = {_text(file)}"
    yield f"{UNSURE} received = 2026-01-31   # the day on which the document was received"
    yield f"{UNSURE} the terms of use of the document: an IRI, if it names any"
    yield 'licence = "unknown"'
    yield "# parts that were found; if one is lost later, sdgplan check tells"
    yield f"has = [{', '.join(map(_text, parts))}]"
    yield from document_questions(extraction)
    if icons:
        yield from _icons(icons)
    if any(problem.code == "icon-unknown" for problem in extraction.problems):
        yield f"{UNSURE} not every icon is recognised by its colour; to count icons without goals:"
        yield f'{UNSURE} icons = "count"'
    for one in tables:
        if one.kind is None:
            yield from _ignorable(one)
    ignorable = _left_out(table for table in tables if table.kind is not None)
    if ignorable:
        shown = ", ".join(map(_text, ignorable))
        yield f"{UNSURE} ignore_columns = [{shown}]   # if they are not to be published"
    yield from layouts.document_questions(extraction.problems)
    if any(problem.code == "hidden" for problem in extraction.problems):
        yield f'{UNSURE} hidden = "skip"   # or "read": hidden cells may hold projects'


def _icons(icons: Found) -> Iterator[str]:
    why = f"{icons.value} icons would be lost if n+1 blanks stand for n"
    proof = icons.doubt or f"just as many as the total published in {icons.where}"
    yield f"{UNSURE} {why}; {proof}. If that is so, remove the mark:"
    yield f'{UNSURE} icons = "spaces"'


def _ignorable(one: ReadTable) -> Iterator[str]:
    first = next((cell for cell in one.table.header.cells if cell.strip()), "")
    lost = ", ".join(missing(one))
    why = f"no {lost} among its headings" if lost else "see [columns]"
    yield f"{UNSURE} the table in {one.table.origin.where} was not recognised: {why}. If it is"
    yield f"{UNSURE} no part of the plan: ignore_tables = [{_text(first.strip())}]"


def _left_out(tables: Iterable[ReadTable]) -> list[str]:
    return list(dict.fromkeys(guess.heading for one in tables for guess in one.guesses))


def _dataset(today: date) -> Iterator[str]:
    yield from ("", "[dataset]", "# under which terms the data made from it are published: one of")
    yield from (f"#   {iri} ({name})" for iri, name in LICENCES.items())
    yield f'licence = "{PLACEHOLDER}"'
    yield 'version = "1"'
    yield f"issued = {today}"
    yield f"modified = {today}"


def _columns(tables: Sequence[ReadTable]) -> Iterator[str]:
    yield from ("", "[columns]", '# a line such as name = "heading" where a heading is not known')
    for one in tables:
        kind = f"table of kind {one.kind}" if one.kind else "unknown table"
        yield f"# {one.table.origin.where}, {kind}:"
        yield from (f"#   {quoted(heading)} is read as {field}" for heading, field in one.read)
        for guess in one.guesses:
            if guess.field:
                yield f"#   {quoted(guess.heading)} is left out, and may be {guess.field}:"
                yield f"{UNSURE} {guess.field} = {_text(guess.heading)}   # {guess.reason}"
            else:
                yield f"#   {quoted(guess.heading)} is left out: {guess.reason}"

"""Labelled running text, as municipalities publish it for screen readers, as table rows.

`番号1、事業名、まちあるき事業、事業内容、まちを歩きます。、担当課、市民課、` is one project.
Its labels are headings of project tables (`data/codes/headings.csv`); only a known label begins a
new field, so a value may have 、 in it. What could be read in two ways is a problem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.codes import Headings
from kg.errors import Problems, quoted
from kg.extract.layout import TableKind, without_year
from kg.extract.measure_headings import measured
from kg.extract.rows import DocumentText, Row, Table, TextLine
from kg.text import clean, name_key

MARK = "、"
_NUMBERED = re.compile(r"(\D{1,8}?)[:：]?\s*([0-9０-９]{1,4})")
_COLON = re.compile(r"([^:：]{1,20})[:：](.*)", re.S)
LONGEST_LABEL = 30


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A project's text: its labels as printed with their values, and where it begins."""

    fields: tuple[tuple[str, str], ...]
    line: TextLine
    lines: tuple[TextLine, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(name_key(label) for label, _ in self.fields)


class _Labels:
    """Which words are labels: all headings of project tables, or those that plan.toml names."""

    def __init__(self, headings: Headings, named: Sequence[str]) -> None:
        self.known: Mapping[str, str] = headings.of(TableKind.PROJECT)
        self.named = {name_key(text) for text in named}

    def field(self, text: str) -> str | None:
        key = name_key(text)
        if not key or len(key) > LONGEST_LABEL or (self.named and key not in self.named):
            return None
        found = measured(text, self.known)
        return found.field if found else self.known.get(without_year(text))

    def begun_by(self, part: str) -> tuple[str, str] | None:
        """The label that a part begins with, and what follows it in the same part."""
        text = clean(part)
        if self.field(text):
            return text, ""
        for pattern in (_NUMBERED, _COLON):
            match = pattern.fullmatch(text)
            field = self.field(match[1]) if match else None
            if match and field and (pattern is _COLON or field == "number"):
                return clean(match[1]), clean(match[2])
        return None


def with_running_text(
    document: DocumentText, headings: Headings, named: Sequence[str], problems: Problems
) -> DocumentText:
    """The document in which each labelled paragraph is a table of one row.

    `named` are the labels by plan.toml, empty to take every known one.
    """
    labels = _Labels(headings, named)
    found = list(_paragraphs(document.blocks, labels, problems))
    paragraphs = {id(one.line): one for one in found if isinstance(one, _Paragraph)}
    if not paragraphs:
        return document
    _check_orders(list(paragraphs.values()), problems)
    used = {id(line) for one in paragraphs.values() for line in one.lines}
    policy = _policy_line(headings)
    blocks: list[TextLine | Table] = []
    for block in document.blocks:
        if id(block) in paragraphs:
            blocks.append(_table(paragraphs[id(block)]))
        elif isinstance(block, TextLine) and policy.fullmatch(clean(block.text)):
            # where everything is text, headings have no mark of their own
            blocks.append(TextLine(f"◆{block.text.strip()}", block.origin))
        elif id(block) not in used:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks))


def _policy_line(headings: Headings) -> re.Pattern[str]:
    """A short line such as `施策1 ささえあうまち` that is no sentence."""
    marks = "|".join(map(re.escape, headings.words("policy", "mark")))
    return re.compile(rf"(?:{marks})\s*[0-9０-９]{{1,3}}[\s.:：]+[^。、]{{1,60}}")


def _paragraphs(
    blocks: Sequence[TextLine | Table], labels: _Labels, problems: Problems
) -> Iterator[_Paragraph]:
    number = 0
    while number < len(blocks):
        block = blocks[number]
        number += 1
        if not isinstance(block, TextLine) or not _begins(block.text, labels):
            continue
        lines = [block]
        while number < len(blocks) and _goes_on(lines[-1], blocks[number], labels):
            below = blocks[number]
            assert isinstance(below, TextLine)
            lines.append(below)
            number += 1
        fields = _fields("".join(line.text.strip() for line in lines), labels)
        kinds = [labels.field(label) for label, _ in fields]
        if not {"number", "name"} <= set(kinds):
            continue
        twice = [label for n, (label, _) in enumerate(fields) if kinds[n] in kinds[:n]]
        twice = [t for t in twice if labels.field(t) not in _MANY]
        if twice and not labels.named:
            problems.add("running-twice", block.origin, found=quoted(twice[0]), label=twice[0])
        yield _Paragraph(tuple(fields), block, tuple(lines))


_MANY = frozenset(
    ("budget", "budget-initial", "budget-revised", "budget-settled", "value-base", "value-target")
) | {"value-actual"}


def _begins(text: str, labels: _Labels) -> bool:
    """Whether a line begins a project: a label of the number, 、 and more labels."""
    first = text.split(MARK, 1)[0]
    begun = labels.begun_by(first.strip("#*・◆■○ 　"))
    if begun is None or MARK not in text or labels.field(begun[0]) != "number":
        return False
    parts = text.split(MARK)
    return bool(begun[1]) or (len(parts) > 2 and parts[1].strip().isdecimal())


def _goes_on(above: TextLine, below: TextLine | Table, labels: _Labels) -> bool:
    """Whether the next line is more of the paragraph: directly below, which ended in mid-text."""
    if not isinstance(below, TextLine) or above.origin.line is None:
        return False
    is_next = below.origin.line == above.origin.line + 1
    is_open = not above.text.rstrip().endswith((MARK, "。"))
    return is_next and is_open and not _begins(below.text, labels)


def _fields(text: str, labels: _Labels) -> list[tuple[str, str]]:
    """The labels and their values in order; a value keeps the 、 within it."""
    found: list[tuple[str, list[str]]] = []
    seen: set[str] = set()
    for part in text.strip("#*・◆■○ 　").split(MARK):
        begun = labels.begun_by(part)
        if begun and found and not found[-1][1] and _is_value(begun[0], found[-1][0], labels):
            begun = None  # 新規区分、新規: what may head such a column is also what stands in it
        # a label that plan.toml names counts once: after that it is a word of a text
        if begun and not (labels.named and name_key(begun[0]) in seen):
            seen.add(name_key(begun[0]))
            found.append((begun[0], [begun[1]] if begun[1] else []))
        elif found:
            found[-1][1].append(part)
    return [(label, MARK.join(parts).strip().removesuffix(MARK)) for label, parts in found]


def _is_value(text: str, label: str, labels: _Labels) -> bool:
    """Whether a part right after a label is its value, though it could be a label of that field."""
    return labels.field(text) == labels.field(label)


def _check_orders(paragraphs: Sequence[_Paragraph], problems: Problems) -> None:
    """Every paragraph has the labels of most, in their order; some may be missing."""
    usual = Counter(one.labels for one in paragraphs).most_common(1)[0][0]
    for one in paragraphs:
        if len(set(one.labels)) < len(one.labels):
            continue  # told as running-twice
        left = iter(usual)
        strange = next((label for label in one.labels if label not in left), None)
        if strange is not None:
            problems.add(
                "running-order",
                one.line.origin,
                found=quoted(strange),
                usual=MARK.join(usual),
            )


def _table(paragraph: _Paragraph) -> Table:
    origin = paragraph.line.origin
    header = Row(tuple(label for label, _ in paragraph.fields), origin)
    return Table(header, (Row(tuple(value for _, value in paragraph.fields), origin),), None)

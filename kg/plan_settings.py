"""The settings of one plan: `plan.toml` beside the document, every key documented here.

The keys are listed in `kg/plan_fields.py`. Unknown keys are problems that name the nearest
known key; all problems of a file are told at once.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kg.errors import PlanRefused, Problems, in_document_order
from kg.origin import Origin
from kg.plan_fields import FIELDS, FREE_TABLES, LABEL, LICENCES, TEMPLATE_MARKS, Field
from kg.text import unpublishable

PLAN_FILE = "plan.toml"
PLACEHOLDER = "?"
"""What `sdgplan new` writes where only a person knows the value."""

LAST_PREFECTURE = 47
"""The first two digits of a code are a prefecture from 01 to 47 (JIS X 0401)."""


_TYPES = {"text": str, "number": int, "flag": bool, "date": date}
_FORMS = {
    "text": 'text in quotes, such as "131016"',
    "number": "a whole number, such as 2021",
    "flag": "true or false",
    "date": "a date without quotes, such as 2026-11-24",
    "texts": 'a list of texts, such as ["text"]',
    LABEL: '{ ja = "…", en = "…" }',
}


_IRI = re.compile(r"https?://[^\s<>\"{}|^`\\]+")


def _is_unfilled(text: str) -> bool:
    """Whether a person must still write the value: "?", or words of the template."""
    return text == PLACEHOLDER or any(mark in text for mark in TEMPLATE_MARKS)


def _texts(value: Any) -> Iterable[str]:
    """The texts in a value of plan.toml: itself, the items of a list, the languages of a label."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, dict):
        return (text for text in value.values() if isinstance(text, str))
    return value if isinstance(value, tuple) else ()


_NO_LATER = (
    ("document", "received"),
    ("report", "received"),
    ("dataset", "issued"),
    ("dataset", "withdrawn"),
)
"""The days of plan.toml that are none after the last change of the data."""


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """The readable plan.toml: values by table, with labels as {"ja": …, "en": …}.

    `folder` is the plan's folder as it was given; `name` its last part.
    """

    folder: Path
    values: Mapping[tuple[str, str], Any]
    columns: Mapping[str, str]
    aliases: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)
    reorganised: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        table, _, name = key.partition(".")
        return self.values[table, name]

    @property
    def name(self) -> str:
        return self.folder.resolve().name

    @property
    def code(self) -> str:
        return str(self["municipality.code"])

    @property
    def slug(self) -> str:
        return str(self["plan.slug"])

    @property
    def year(self) -> int:
        return int(self["plan.fiscal_year"])

    @property
    def document(self) -> Path:
        return self.folder / str(self["document.file"])

    @property
    def report(self) -> Path | None:
        """The report on the plan's year beside its document, if there is one."""
        return self.folder / str(self["report.file"]) if self["report.file"] else None


def unit_paths(text: str) -> tuple[str, ...]:
    """The units that a line of [reorganised] names, each by its path: "市民部/市民課 + …"."""
    return tuple(part.strip() for part in text.split("+") if part.strip())


def check_digit(code: str) -> str:
    """The 6th digit of a 全国地方公共団体コード, from its first five.

    Weights 6, 5, 4, 3, 2; the last digit of 11 minus the sum modulo 11 (MIC).
    """
    total = sum(
        int(digit) * weight for digit, weight in zip(code[:5], (6, 5, 4, 3, 2), strict=True)
    )
    return str((11 - total % 11) % 10)


def corporate_check_digit(number: str) -> str:
    """The first digit of a 13-digit 法人番号, from the other twelve (9 - sum modulo 9)."""
    weighted = sum(
        int(digit) * (1 if place % 2 == 0 else 2)
        for place, digit in enumerate(reversed(number[1:]))
    )
    return str(9 - weighted % 9)


def read_plan_settings(folder: Path) -> PlanSettings:
    """The settings of a plan folder. Raises PlanRefused with every problem of its plan.toml."""
    return _Reader(folder).read()


class _Reader:
    """Reads one plan.toml and collects what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.origin = Origin(str(folder / PLAN_FILE))
        self.problems = Problems()

    def read(self) -> PlanSettings:
        table = self._load()
        values = {(f.table, f.name): self._value(f, table.get(f.table, {})) for f in FIELDS}
        self._unknown_keys(table)
        free = {name: self._free(name, table.get(name, {})) for name in FREE_TABLES}
        if not self.problems:
            self._rules(values)
            self._marks(free["marks"])
        if self.problems:
            raise PlanRefused(self.folder.name, in_document_order(self.problems))
        return PlanSettings(self.folder, values, *(free[name] for name in FREE_TABLES))

    def _problem(self, code: str, found: str | None = None, **values: object) -> None:
        self.problems.add(code, self.origin, found=found, column=None, **values)

    def _load(self) -> dict[str, Any]:
        path = self.folder / PLAN_FILE
        try:
            return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except FileNotFoundError:
            self._problem("toml-missing")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            self._problem("toml-unreadable", found=str(error))
        raise PlanRefused(self.folder.name, tuple(self.problems))

    def _value(self, field: Field, table: Any) -> Any:
        value = table.get(field.name) if isinstance(table, dict) else None
        unfilled = next((text for text in _texts(value) if _is_unfilled(text)), None)
        if unfilled is not None:
            self._problem(
                "placeholder", unfilled if unfilled != PLACEHOLDER else None,
                key=field.key, form=_FORMS[field.form], meaning=field.meaning,
            )  # fmt: skip
            return field.default
        if value is None:
            if field.required:
                self._problem(
                    "key-missing", key=field.key, form=_FORMS[field.form], meaning=field.meaning
                )
            return field.default
        if field.form == "texts":
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
            value = tuple(value) if fits else value
        elif field.form == LABEL:
            value = {"ja": value} if isinstance(value, str) else value
            fits = isinstance(value, dict) and "ja" in value and set(value) <= {"ja", "en"}
            fits = fits and all(isinstance(text, str) and text.strip() for text in value.values())
        else:
            fits = type(value) is _TYPES[field.form] and value != ""
        for text in _texts(value) if fits else ():
            if unpublishable(text) or "\n" in text:
                self._problem("toml-characters", found=ascii(text), key=field.key)
        if not fits:
            self._problem(
                "key-form",
                found=repr(value),
                key=field.key,
                form=_FORMS[field.form],
                meaning=field.meaning,
            )
        return value

    def _unknown_keys(self, table: Mapping[str, Any]) -> None:
        known = {(f.table, f.name) for f in FIELDS}
        tables = sorted({f.table for f in FIELDS} | set(FREE_TABLES))
        for name, content in table.items():
            if name not in tables:
                near = difflib.get_close_matches(name, tables, n=1, cutoff=0.0)[0]
                self._problem(
                    "table-unknown",
                    table=name,
                    near=near,
                    known=", ".join(f"[{t}]" for t in tables),
                )
            elif name not in FREE_TABLES and isinstance(content, dict):
                names = sorted(field for owner, field in known if owner == name)
                for key in content:
                    if key not in names:
                        near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)[0]
                        self._problem(
                            "key-unknown", table=name, key=key, near=near, known=", ".join(names)
                        )

    def _free(self, name: str, content: Any) -> dict[str, str]:
        if isinstance(content, dict) and all(isinstance(text, str) for text in content.values()):
            return dict(content)
        self._problem("free-table-form", table=name)
        return {}

    def _marks(self, marks: Mapping[str, str]) -> None:
        for mark, meaning in marks.items():
            if meaning not in ("stated", "none"):
                self._problem("mark-meaning", found=f'"{mark}" = "{meaning}"')

    def _rules(self, values: Mapping[tuple[str, str], Any]) -> None:
        code = values["municipality", "code"]
        if not re.fullmatch("[0-9]{6}", code) or check_digit(code) != code[5]:
            right = (
                f", for {code[:5]} it would be {code[:5]}{check_digit(code)}"
                if re.match("[0-9]{5}", code)
                else ""
            )
            self._problem("code-invalid", found=code, right=right)
        elif (int(code[:2]) > LAST_PREFECTURE) != values["municipality", "made_up"]:
            self._problem("code-made-up", found=code)
        for iri in values["municipality", "see_also"]:
            if not _IRI.fullmatch(iri):
                self._problem("iri-form", found=iri, key="[municipality] see_also", more="")
        for table in ("document", "report"):
            licence = values[table, "licence"]
            if licence != "unknown" and not _IRI.fullmatch(licence):
                key = f"[{table}] licence"
                self._problem("iri-form", found=licence, key=key, more=', or "unknown"')
        number = values["municipality", "corporate_number"]
        if number and not (
            re.fullmatch("[0-9]{13}", number) and corporate_check_digit(number) == number[0]
        ):
            self._problem("corporate-number-invalid", found=number)
        if not re.fullmatch("[a-z0-9][a-z0-9-]{0,39}", values["plan", "slug"]):
            self._problem("slug-invalid", found=values["plan", "slug"])
        if not 1950 <= values["plan", "fiscal_year"] <= 2100:
            self._problem("year-invalid", found=str(values["plan", "fiscal_year"]))
        for table in ("document", "report"):
            file = values[table, "file"]
            if file is not None and (Path(file).name != file or file in (".", "..")):
                self._problem("file-name", found=file)
        if values["document", "icons"] not in (None, "spaces", "count", "goals-column"):
            self._problem("icons-unknown", found=values["document", "icons"])
        if values["document", "merged_goals"] not in (None, "each", "policy"):
            self._problem("merged-goals-unknown", found=values["document", "merged_goals"])
        if values["document", "units"] not in (None, "first-leads"):
            self._problem("units-unknown", found=values["document", "units"])
        for name in values["document", "same_as_above"]:
            if name not in ("unit", "department", "partners"):
                self._problem("same-as-above-unknown", found=name)
        for name in values["document", "may_be_empty"]:
            if name != "department":
                self._problem("may-be-empty-unknown", found=name)
        if values["document", "hidden"] not in (None, "skip", "read"):
            self._problem("hidden-unknown", found=values["document", "hidden"])
        if values["dataset", "licence"] not in LICENCES:
            self._problem(
                "licence-unknown", found=values["dataset", "licence"], known=" or ".join(LICENCES)
            )
        modified = values["dataset", "modified"]
        for table, name in _NO_LATER:
            day = values[table, name]
            if day is not None and day > modified:
                key = f"[{table}] {name}"
                self._problem("date-later", found=str(day), key=key, modified=modified)
        status, reason = values["dataset", "status"], values["dataset", "reason"]
        if status not in ("published", "withdrawn") or (
            status == "withdrawn" and not (reason and values["dataset", "withdrawn"])
        ):
            self._problem("status-incomplete", found=status)

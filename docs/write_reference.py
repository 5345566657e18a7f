"""Write docs/reference/ from the settings, keys, problems, commands, terms and constraints.

`make docs` runs it; tests/test_docs.py fails when a page is stale.
"""

from __future__ import annotations

import dataclasses
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import click
from rdflib import Graph, URIRef

from kg.cli import main as command
from kg.columns import DUMP_TABLES, EXPORT_TABLES
from kg.csvw import NOTE
from kg.errors import problem_kinds
from kg.plan_fields import FIELDS, FREE_TABLES
from kg.resources import ontology_dir
from kg.settings import ENVIRONMENT_PREFIX, Settings
from kg.vocab import OWL, RDF, RDFS, SH, SKOS, SP

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- written by make docs -->\n"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; pipes in cells are escaped."""
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| "
        + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line)
        + " |\n"
        for line in lines
    )


def settings_page() -> str:
    rows = [
        (
            f"`{field.name}`",
            f"`{ENVIRONMENT_PREFIX}{field.name.upper()}`",
            f"`{field.default!r}`",
            field.metadata["unit"],
            field.metadata["meaning"],
        )
        for field in dataclasses.fields(Settings)
    ]
    return "# Settings\n\n`sdgplan.toml`, or environment variables, which win.\n\n" + table(
        ("setting", "variable", "default", "unit", "meaning"), rows
    )


def plan_toml_page() -> str:
    rows = [
        (
            f"`[{f.table}]`",
            f"`{f.name}`",
            f.form,
            "yes" if f.required else "",
            f.default or "",
            f.meaning,
        )
        for f in FIELDS
    ]
    free = ", ".join(f"`[{name}]`" for name in FREE_TABLES)
    return (
        "# plan.toml\n\n"
        + table(("table", "key", "form", "required", "default", "meaning"), rows)
        + f"\nThe keys of {free} are free: a field and the heading that means it; a new name "
        "and the old one it stands for (units by their path, as in `市民部/市民課`); a mark in the "
        'column of a goal, and `"stated"` or `"none"`; a new unit and those that it resulted from '
        '(`"市民部/くらし課" = "市民部/市民課 + 市民部/防犯課"`).\n'
    )


def problems_page() -> str:
    rows = [
        (f"`{code}`", kind["statement"], kind["expected"], kind["fix"])
        for code, kind in sorted(problem_kinds().items())
        if kind["statement"]  # the others say what to do about a constraint
    ]
    return (
        "# Problems\n\nA plan with one of these is refused. Words in braces are filled in. "
        "Constraints (C01 …) are in [constraints.md](constraints.md).\n\n"
        + table(("code", "what is wrong", "expected", "mend"), rows)
    )


def commands_page() -> str:
    parts = ["# Commands\n\nExit codes: 0 fine, 1 problems, 2 wrong use, 3 our fault.\n"]
    context = click.Context(command, info_name="sdgplan")
    for name in sorted(command.commands):
        sub = click.Context(command.commands[name], info_name=name, parent=context)
        text = command.commands[name].get_help(sub)
        parts.append(f"\n## sdgplan {name}\n\n```\n{text}\n```\n")
    return "".join(parts)


def _label(graph: Graph, subject: URIRef, predicate: URIRef, language: str) -> str:
    texts = (o for o in graph.objects(subject, predicate) if getattr(o, "language", "") == language)
    return next((str(text) for text in texts), "")


def terms_page() -> str:
    graph = Graph().parse(ontology_dir() / "terms.ttl", format="turtle")
    subjects = sorted({s for s in graph.subjects() if str(s).startswith(str(SP))})
    kinds = (
        ("Classes", {OWL.Class, RDFS.Class}),
        ("Properties", {RDF.Property, OWL.ObjectProperty, OWL.DatatypeProperty}),
        ("Concepts and others", None),
    )
    parts = ["# Terms\n\nPrefix `sp`: `https://w3id.org/jp-sdgplan/ns#`.\n"]
    done: set[object] = set()
    for title, types in kinds:
        rows = []
        for subject in subjects:
            if subject in done or (types and not types & set(graph.objects(subject, RDF.type))):
                continue
            done.add(subject)
            label = RDFS.label if graph.value(subject, RDFS.label) else SKOS.prefLabel
            comment = RDFS.comment if graph.value(subject, RDFS.comment) else SKOS.definition
            rows.append(
                (
                    f"`sp:{str(subject).removeprefix(str(SP))}`",
                    _label(graph, subject, label, "ja"),
                    _label(graph, subject, label, "en"),
                    _label(graph, subject, comment, "en"),
                )
            )
        parts.append(f"\n## {title}\n\n" + table(("term", "ja", "en", "meaning"), rows))
    return "".join(parts)


def constraints_page() -> str:
    graph = Graph().parse(ontology_dir() / "shapes.ttl", format="turtle")
    rows = []
    for subject in set(graph.subjects(SH.message, None)):
        number = str(subject).rpartition("#")[2]
        messages = (_label(graph, subject, SH.message, language) for language in ("ja", "en"))
        rows.append((number, *(text.removeprefix(number).strip() for text in messages)))
    rows.sort(key=lambda row: int(row[0].removeprefix("C")))
    return (
        "# Constraints\n\nThe SHACL constraints of `ontology/shapes.ttl`; words in braces are "
        "filled in. C14 is a warning, all others refuse a plan.\n\n"
        + table(("number", "ja", "en"), rows)
    )


def differences_page() -> str:
    file = Path(__file__).parents[1] / "tests" / "conformance" / "known_failures.toml"
    failures = tomllib.loads(file.read_text(encoding="utf-8"))["failure"]
    return (
        "# Where the engine differs from SPARQL 1.1\n\nTests of the W3C suite that it is known to "
        "fail, and what to write instead.\n\n"
        + table(
            ("test", "what differs", "write instead"),
            [
                (f"`{f['test']}`", f["reason"].strip(), f"`{f['instead'].strip()}`")
                for f in failures
            ],
        )
    )


def tables_page() -> str:
    parts = [
        "# Tables\n\nColumns of the CSV files: those beside a plan's dumps, and those of "
        "`sdgplan export`.\n\n" + "".join(f"{text}\n\n" for text in NOTE.values())
    ]
    for place, tables in (("dumps", DUMP_TABLES), ("export", EXPORT_TABLES)):
        for item in tables.values():
            rows = [
                (
                    f"`{column.name}`",
                    column.ja,
                    column.en,
                    column.datatype
                    if isinstance(column.datatype, str)
                    else column.datatype["base"],
                    "several" if column.is_many else "one" if column.is_required else "one or none",
                    f"<{column.predicate}>" if column.predicate else "",
                )
                for column in item.columns
            ]
            parts.append(
                f"## {item.name}.csv ({place})\n\n{item.ja} / {item.en}\n\n"
                + table(("column", "ja", "en", "datatype", "values", "property"), rows)
                + "\n"
            )
    return "".join(parts).rstrip() + "\n"


PAGES = {
    "tables.md": tables_page,
    "differences.md": differences_page,
    "settings.md": settings_page,
    "plan-toml.md": plan_toml_page,
    "problems.md": problems_page,
    "commands.md": commands_page,
    "terms.md": terms_page,
    "constraints.md": constraints_page,
}


def pages() -> dict[str, str]:
    """File name -> content of every page of the reference."""
    return {name: NOTICE + page() for name, page in PAGES.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name, file=sys.stderr)

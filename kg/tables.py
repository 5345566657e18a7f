"""The rows of the published tables, from the triples of a plan, and tables as CSV.

The rows come from the triples, not from the records, so that a table cannot say anything else
than the Turtle beside it. Rows are in the order of the document.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from rdflib import Literal, URIRef
from rdflib.term import Node

from kg.columns import SEPARATOR, SEPARATOR_IN_TEXT, Column, Table
from kg.resources import ontology_dir
from kg.term_text import natural
from kg.text import for_spreadsheet
from kg.validators import read_ontology
from kg.vocab import DCTERMS, ORG, PROV, RDF, SH, SKOS, SP
from kg.writers import Triple

BYTE_ORDER_MARK = "\ufeff"
"""Excel takes UTF-8 for something else without one."""

Row = Mapping[str, str | Sequence[str]]
"""Cell by column name; a column that holds many values has a sequence. Absent is empty."""


class Facts:
    """The triples of a plan by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._objects: dict[Node, dict[Node, list[Node]]] = {}
        self._of_type: dict[Node, list[Node]] = {}
        for s, p, o in triples:
            self._objects.setdefault(s, {}).setdefault(p, []).append(o)
            if p == RDF.type:
                self._of_type.setdefault(o, []).append(s)
        self.links_of: dict[str, list[Node]] = {}
        for link in self.of_type(SP.SdgLink):
            self.links_of.setdefault(self.text(link, SP.linkedProject), []).append(link)
        self.rejected_goals: dict[str, list[str]] = {}
        for rejection in self.of_type(SP.SdgRejection):
            goals = self.rejected_goals.setdefault(self.text(rejection, SP.rejectedProject), [])
            goals.append(self.text(rejection, SP.rejectedGoal).rpartition("/")[2])

    def of_type(self, kind: URIRef) -> list[Node]:
        """The resources of a class, by IRI as people count."""
        return sorted(set(self._of_type.get(kind, ())), key=lambda node: natural(str(node)))

    def texts(self, subject: Node | None, predicate: URIRef, language: str = "") -> list[str]:
        """The values as text, in the language if one is given; sorted as people count."""
        values = self._objects.get(subject, {}).get(predicate, ()) if subject else ()
        return sorted(
            {
                str(value)
                for value in values
                if not language or (isinstance(value, Literal) and value.language == language)
            },
            key=lambda text: (natural(text), text),
        )

    def text(self, subject: Node | None, predicate: URIRef, language: str = "") -> str:
        """The one value as text; empty if there is none."""
        return next(iter(self.texts(subject, predicate, language)), "")

    def iri(self, subject: Node | None, predicate: URIRef) -> URIRef | None:
        text = self.text(subject, predicate)
        return URIRef(text) if text else None


def plan_rows(
    plan: URIRef, triples: Iterable[Triple], only: Container[str] | None = None
) -> dict[str, list[Row]]:
    """Table name -> rows, for every table that `kg.columns` knows, from a plan's triples.

    `triples` are those of the source graph and of whatever else is to be told: the links, the
    report. A table that no triple speaks of has no rows. `only` names the tables that are wanted.
    """
    facts = Facts(triples)
    start = _plan_cells(plan, facts)
    paths = _unit_paths(plan, facts)
    projects = _projects(plan, facts)

    def project_rows() -> list[Row]:
        return [start | _project_cells(p, facts, paths) for p in projects]

    makers: dict[str, Callable[[], list[Row]]] = {
        "source": project_rows,
        "plan": project_rows,
        "projects": project_rows,
        "links": lambda: [start | cells for p in projects for cells in _link_cells(p, facts)],
        "report": lambda: [
            start | _result_cells(r, facts) for r in facts.of_type(SH.ValidationResult)
        ],
        "units": lambda: [start | _unit_cells(unit, facts, paths) for unit in paths],
        "targets": lambda: [start | row for p in projects for row in _target_cells(p, facts)],
        "counts": lambda: [start | row for row in _count_cells(plan, facts)],
    }
    wanted = {name: make for name, make in makers.items() if only is None or name in only}
    rows = {make: make() for make in set(wanted.values())}
    return {name: rows[make] for name, make in wanted.items()}


def table_csv(table: Table, rows: Iterable[Row]) -> bytes:
    """The table as CSV for people: UTF-8 with byte order mark, CRLF, one header row.

    Texts that a spreadsheet would run as a formula have an apostrophe before them.
    """
    out = io.StringIO(newline="")
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.header)
    for row in rows:
        writer.writerow([_cell(column, row.get(column.name, "")) for column in table.columns])
    return out.getvalue().encode()


def _cell(column: Column, value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        value = SEPARATOR.join(text.replace(SEPARATOR, SEPARATOR_IN_TEXT) for text in value)
    return for_spreadsheet(value) if column.is_text else value


@lru_cache(maxsize=1)
def _concepts() -> Facts:
    return Facts(read_ontology(ontology_dir()).triples)


def _concept_cells(name: str, iri: URIRef | None, start: str) -> dict[str, str]:
    """The end of a concept's IRI, and its label in Japanese."""
    if iri is None:
        return {}
    label = _concepts().text(iri, SKOS.prefLabel, "ja")
    return {name: iri.removeprefix(f"{SP}{start}"), f"{name}_name": label}


def _plan_cells(plan: URIRef, facts: Facts) -> dict[str, str | Sequence[str]]:
    city = facts.iri(plan, SP.municipality)
    return {
        "plan": plan,
        "municipality_code": facts.text(city, SP.localGovernmentCode),
        "municipality_name": facts.text(city, SKOS.prefLabel, "ja"),
        "fiscal_year": facts.text(plan, SP.fiscalYear).rpartition("/")[2],
        "made_up": "yes" if city in facts.of_type(SP.MadeUpMunicipality) else "",
    }


def _in_plan(kind: URIRef, plan: URIRef, facts: Facts) -> list[Node]:
    return [node for node in facts.of_type(kind) if facts.iri(node, SP.inPlan) == plan]


def _projects(plan: URIRef, facts: Facts) -> list[Node]:
    projects = _in_plan(SP.Project, plan, facts)
    return sorted(projects, key=lambda project: int(facts.text(project, SP.number) or 0))


def _unit_paths(plan: URIRef, facts: Facts) -> dict[URIRef, list[str]]:
    """Unit -> names from the top unit down, for all units in the order of the document."""
    paths: dict[URIRef, list[str]] = {}
    for node in (*_projects(plan, facts), *_in_plan(SP.ProjectChange, plan, facts)):
        unit, lineage = facts.iri(node, SP.responsibleUnit), list[URIRef]()
        while unit is not None and unit not in lineage:
            lineage.insert(0, unit)
            unit = facts.iri(unit, ORG.subOrganizationOf)
        names = [facts.text(unit, SKOS.prefLabel, "ja") for unit in lineage]
        for depth, unit in enumerate(lineage, start=1):
            paths.setdefault(unit, names[:depth])
    return paths


def _project_cells(
    project: Node, facts: Facts, paths: Mapping[URIRef, list[str]]
) -> dict[str, str | Sequence[str]]:
    policy, unit = facts.iri(project, SP.policy), facts.iri(project, SP.responsibleUnit)
    account = facts.iri(project, SP.account)
    description = facts.text(project, DCTERMS.description, "ja")
    notes = facts.texts(project, SP.deliveryNote, "ja")
    account_name = facts.text(account, SKOS.prefLabel, "ja")
    return {
        "project_number": facts.text(project, SP.number),
        "project": str(project),
        "name": facts.text(project, SKOS.prefLabel, "ja"),
        "printed_name": facts.text(project, SP.printedName, "ja"),
        "policy_number": facts.text(policy, SKOS.notation),
        "policy_name": facts.text(policy, SKOS.prefLabel, "ja"),
        "policy": policy or "",
        "unit_path": paths.get(unit, []) if unit else [],
        "unit": unit or "",
        "printed_unit": facts.text(project, SP.printedUnit, "ja"),
        **_concept_cells("status", facts.iri(project, SP.listingStatus), "status-"),
        "account_name": account_name or _concepts().text(account, SKOS.prefLabel, "ja"),
        "account": account or "",
        "icon_count": facts.text(project, SP.iconCount),
        "stated_goals": _goals(project, SP.statedSdgGoal, facts),
        "curated_goals": _goals(project, SP.curatedSdgGoal, facts),
        "rejected_goals": sorted(facts.rejected_goals.get(str(project), []), key=int),
        "sdg_goals": _goals(project, SP.sdgGoal, facts),
        **_concept_cells("link_basis", facts.iri(project, SP.sdgLinkBasis), "basis-"),
        "targets": [facts.text(t, SP.targetText, "ja") for t in _targets(project, facts)],
        "delivery_notes": sorted(notes, key=description.find),
        "description": description,
        "source_lines": facts.texts(project, SP.sourceLine),
    }


def _goals(project: Node, predicate: URIRef, facts: Facts) -> list[str]:
    return [goal.rpartition("/")[2] for goal in facts.texts(project, predicate)]


def _targets(project: Node, facts: Facts) -> list[URIRef]:
    targets = [URIRef(text) for text in facts.texts(project, SP.target)]
    return sorted(targets, key=lambda target: int(facts.text(target, SP.order)))


def _link_cells(project: Node, facts: Facts) -> Iterator[dict[str, str | Sequence[str]]]:
    for link in facts.links_of.get(str(project), []):
        agent = facts.iri(link, PROV.wasAttributedTo)
        yield {
            "project_number": facts.text(project, SP.number),
            "project_name": facts.text(project, SKOS.prefLabel, "ja"),
            "project": str(project),
            "goal": facts.text(link, SP.linkedGoal).rpartition("/")[2],
            **_concept_cells("basis", facts.iri(link, SP.basis), "basis-"),
            "evidence": facts.texts(link, SP.evidence, "ja"),
            "agent": facts.text(agent, DCTERMS.identifier),
            "agent_iri": agent or "",
            "decided_at": facts.text(link, PROV.generatedAtTime),
            "confidence": facts.text(link, SP.confidence),
            "source_lines": facts.texts(link, SP.sourceLine),
            "link": str(link),
        }


def _result_cells(result: Node, facts: Facts) -> dict[str, str | Sequence[str]]:
    constraint = facts.text(result, SH.sourceConstraint) or facts.text(result, SH.sourceShape)
    severity = facts.text(result, SH.resultSeverity)
    return {
        "constraint": constraint.rpartition("#")[2],
        "severity": severity.rpartition("#")[2],
        "focus_node": facts.text(result, SH.focusNode),
        "value": facts.text(result, SH.value),
        "path": facts.text(result, SH.resultPath),
        "message_ja": facts.text(result, SH.resultMessage, "ja"),
        "message_en": facts.text(result, SH.resultMessage, "en"),
        "source_lines": facts.texts(result, SP.sourceLine),
        "result": str(result),
    }


def _unit_cells(
    unit: URIRef, facts: Facts, paths: Mapping[URIRef, list[str]]
) -> dict[str, str | Sequence[str]]:
    return {
        "name": facts.text(unit, SKOS.prefLabel, "ja"),
        "unit_path": paths[unit],
        **_concept_cells("unit_type", facts.iri(unit, ORG.classification), "unit-type-"),
        **_concept_cells("authority", facts.iri(unit, SP.authority), "authority-"),
        "unit": unit,
        "parent": facts.text(unit, ORG.subOrganizationOf),
    }


def _target_cells(project: Node, facts: Facts) -> Iterator[dict[str, str | Sequence[str]]]:
    for target in _targets(project, facts):
        yield {
            "project_number": facts.text(project, SP.number),
            "project": str(project),
            "order": facts.text(target, SP.order),
            "text": facts.text(target, SP.targetText, "ja"),
            **_concept_cells("kind", facts.iri(target, SP.targetKind), "target-"),
            "label": facts.text(target, SP.targetLabel, "ja"),
            "value": facts.text(target, SP.targetValue),
            "value_unit": facts.text(target, SP.targetUnit, "ja"),
            "due_fiscal_year": facts.text(target, SP.dueFiscalYear).rpartition("/")[2],
            "source_lines": facts.texts(target, SP.sourceLine),
            "target": str(target),
        }


_COUNT_TABLES = {
    "goals": SP.GoalCountObservation,
    "policies": SP.BalanceObservation,
    "total": SP.BalanceTotalObservation,
}


def _count_cells(plan: URIRef, facts: Facts) -> Iterator[dict[str, str | Sequence[str]]]:
    for name, kind in _COUNT_TABLES.items():
        for observation in facts.of_type(kind):
            if facts.iri(observation, SP.dimPlan) != plan:
                continue
            policy = facts.iri(observation, SP.dimPolicy)
            yield {
                "table": name,
                "goal": facts.text(observation, SP.dimGoal).rpartition("/")[2],
                "policy_number": facts.text(policy, SKOS.notation),
                "policy": policy or "",
                **_concept_cells("item", facts.iri(observation, SP.dimItem), "item-"),
                "projects": facts.text(observation, SP.projectCount),
                "cell_text": facts.text(observation, SP.cellText),
                "printed_label": facts.text(observation, SP.printedLabel, "ja"),
                "source_lines": facts.texts(observation, SP.sourceLine),
                "observation": str(observation),
            }

"""Published numbers as cubes: projects per goal, and the balance per policy and in total."""

from __future__ import annotations

from collections.abc import Sequence

from rdflib import URIRef

from kg.mapping.names import balance_name, goal_count_name
from kg.mapping.provenance import stated_by
from kg.mapping.terms import Context, Triples, english, integer, japanese, plain
from kg.records import Balance, GoalCount
from kg.vocab import DCTERMS, QB, RDF, SDG, SKOS, SP


def _cube(name: str, structure: URIRef, ja: str, en: str, context: Context) -> Triples:
    subject = context.iris.cube(name)
    yield subject, RDF.type, QB.DataSet
    yield subject, QB.structure, structure
    yield subject, SKOS.prefLabel, japanese(ja)
    yield subject, SKOS.prefLabel, english(en)
    yield from stated_by(subject, context)


def goal_count_triples(counts: Sequence[GoalCount], context: Context) -> Triples:
    """The cube of published projects per goal; nothing where the document has no such table."""
    if not counts:
        return
    year = context.settings.year
    yield from _cube(
        "sdg-goal",
        SP["structure-goal-count"],
        f"{year}年度 ゴール別事業数（公表）",
        f"Published projects per goal, fiscal {year}",
        context,
    )
    for count in counts:
        subject = context.iris.cube("sdg-goal", str(count.goal))
        yield subject, RDF.type, QB.Observation
        yield subject, RDF.type, SP.GoalCountObservation
        yield from goal_count_name(subject, count.goal, context)
        yield subject, QB.dataSet, context.iris.cube("sdg-goal")
        yield subject, SP.dimPlan, context.iris.plan
        yield subject, SP.dimGoal, SDG[str(count.goal)]
        yield subject, SP.projectCount, integer(count.count)
        yield subject, SP.cellText, plain(count.cell_text)
        yield subject, SP.printedLabel, japanese(count.printed_label)
        yield from stated_by(subject, context, count.origin)


SHIFTED_JA = (
    "表の見出しは印字より1列右にずらして読みました（「新規・追加」の列は当年度の事業数、「継続」の列は"
    "新規・追加）。前年度＋新規・追加−完了など＝当年度が、この読み方で成り立つためです。"
)
SHIFTED_EN = (
    "The heads of the table were read one column further to the right than printed (the column "
    "“新規・追加” holds the total of the year, “継続” the new or added projects), because previous "
    "+ new - ended = current holds in this reading."
)


def balance_triples(cells: Sequence[Balance], context: Context, shifted: bool = False) -> Triples:
    """The cubes of the balance table: one of the policies' cells, one of the total row.

    `shifted` adds to the first that its heads were not read where they are printed.
    """
    if not cells:
        return
    year = context.settings.year
    yield from _cube(
        "balance",
        SP["structure-balance"],
        f"{year}年度 施策別事業数の増減（公表）",
        f"Published balance of projects per policy, fiscal {year}",
        context,
    )
    if shifted:
        yield context.iris.cube("balance"), DCTERMS.description, japanese(SHIFTED_JA)
        yield context.iris.cube("balance"), DCTERMS.description, english(SHIFTED_EN)
    if any(cell.policy is None for cell in cells):
        yield from _cube(
            "balance-total",
            SP["structure-balance-total"],
            f"{year}年度 事業数の増減の計（公表）",
            f"Published balance of projects in total, fiscal {year}",
            context,
        )
    for cell in cells:
        yield from _balance_cell(cell, context)


def _balance_cell(cell: Balance, context: Context) -> Triples:
    if cell.policy is None:
        cube, kind = "balance-total", SP.BalanceTotalObservation
        subject = context.iris.cube(cube, cell.item)
    else:
        cube, kind = "balance", SP.BalanceObservation
        subject = context.iris.cube(cube, cell.policy, cell.item)
        yield subject, SP.dimPolicy, context.iris.policy(cell.policy)
    yield subject, RDF.type, QB.Observation
    yield subject, RDF.type, kind
    yield from balance_name(subject, cell.policy, cell.item, context)
    yield subject, QB.dataSet, context.iris.cube(cube)
    yield subject, SP.dimPlan, context.iris.plan
    yield subject, SP.dimItem, SP[f"item-{cell.item}"]
    yield subject, SP.projectCount, integer(cell.count)
    yield subject, SP.cellText, plain(cell.cell_text)
    yield from stated_by(subject, context, cell.origin)

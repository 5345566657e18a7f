"""The estimate of lost goal links: records, chosen candidates, expected counts per unit.

Everything here is computed and sits in the candidate graph; nothing is ever sp:sdgGoal.
"""

from __future__ import annotations

from rdflib import URIRef

from kg.estimates import METHOD_VERSION, NO_CLUE, Cell, Estimate
from kg.mapping.names import candidate_name, expected_count_name
from kg.mapping.terms import Context, Triple, Triples, decimal, english, japanese, plain
from kg.records import Curation, OrganizationalUnit
from kg.vocab import DCTERMS, PROV, QB, RDF, SDG, SKOS, SP


def candidate_graph(estimate: Estimate, curation: Curation, context: Context) -> tuple[Triple, ...]:
    """The graph of a plan's candidates, each triple once."""
    return tuple(dict.fromkeys(_candidates(estimate, curation, context)))


def _candidates(estimate: Estimate, curation: Curation, context: Context) -> Triples:
    graph = context.iris.graph("candidate")
    run = URIRef(f"{graph}#estimation")
    yield from _run(graph, run, estimate, curation, context)
    for cell in estimate.recorded:
        yield from _record(cell, run, context)
    yield from _expected(estimate, run, context)


def _run(
    graph: URIRef, run: URIRef, estimate: Estimate, curation: Curation, context: Context
) -> Triples:
    used = [context.iris.graph("source")]
    if curation.links or curation.rejections:
        used.append(context.iris.graph("links"))
    yield graph, RDF.type, PROV.Entity
    yield graph, SKOS.prefLabel, japanese("関連付けの候補のグラフ（機械による推定）")
    yield graph, SKOS.prefLabel, english("graph of candidate links: estimated by machine")
    yield (
        graph,
        DCTERMS.description,
        japanese(
            "文書の文字データで失われたゴールのアイコンを、本文の語と公表件数から推定したもの。市の公表では"
            "ない。同じ件数に合う組合せはほかにも数多くあり、件数が合うことは個々の関連付けの証明ではない。"
        ),
    )
    yield (
        graph,
        DCTERMS.description,
        english(
            "Which goals the icons lost from the text probably showed, computed from the wording "
            "and the published totals. Not published by the city. Very many other combinations fit "
            "the same totals, so fitting them proves no single link."
        ),
    )
    yield graph, PROV.wasGeneratedBy, run
    yield run, RDF.type, PROV.Activity
    yield run, SKOS.prefLabel, japanese("失われた関連付けの推定（最大エントロピー法）")
    yield run, SKOS.prefLabel, english("estimation of lost links (maximum entropy)")
    yield run, SP.methodVersion, plain(METHOD_VERSION)
    yield run, SP.wordListSha256, plain(estimate.word_list_sha256)
    for entity in used:
        yield graph, PROV.wasDerivedFrom, entity
        yield run, PROV.used, entity


def _record(cell: Cell, run: URIRef, context: Context) -> Triples:
    subject, goal = context.iris.candidate_link(cell.project, cell.goal), SDG[str(cell.goal)]
    project = context.iris.project(cell.project)
    if cell.is_chosen:
        yield project, SP.candidateSdgGoal, goal
    yield subject, RDF.type, SP.SdgLink
    yield subject, RDF.type, PROV.Entity
    yield subject, SP.linkedProject, project
    yield subject, SP.linkedGoal, goal
    yield subject, SP.basis, SP["basis-inferred"]
    yield subject, SP.confidence, decimal(cell.probability)
    yield from candidate_name(subject, cell.project, cell.goal, context)
    for word in cell.words or (NO_CLUE,):
        yield subject, SP.evidence, japanese(word)
    yield subject, PROV.wasGeneratedBy, run


def _expected(estimate: Estimate, run: URIRef, context: Context) -> Triples:
    year, cube = context.settings.year, context.iris.cube("expected-unit")
    yield cube, RDF.type, QB.DataSet
    yield cube, QB.structure, SP["structure-expected-count"]
    yield cube, SKOS.prefLabel, japanese(f"{year}年度 担当課・ゴール別の期待事業数（推定）")
    yield (
        cube,
        SKOS.prefLabel,
        english(f"Expected projects per unit and goal, estimated, fiscal {year}"),
    )
    yield cube, PROV.wasGeneratedBy, run
    for expected in estimate.expected:
        unit = context.unit(OrganizationalUnit(expected.unit))
        name = unit.rpartition("/")[2]
        subject = context.iris.cube("expected-unit", name, str(expected.goal))
        yield subject, RDF.type, QB.Observation
        yield subject, RDF.type, SP.ExpectedCountObservation
        yield subject, QB.dataSet, cube
        yield subject, SP.dimPlan, context.iris.plan
        yield subject, SP.dimUnit, unit
        yield subject, SP.dimGoal, SDG[str(expected.goal)]
        yield subject, SP.expectedProjectCount, decimal(expected.projects)
        yield from expected_count_name(subject, expected.unit[-1], expected.goal, context)

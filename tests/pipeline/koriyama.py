"""The Koriyama plan as triples, a draft of it to be changed, and what a broken example is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from rdflib import Literal, Namespace, URIRef
from rdflib.namespace import ORG, PROV, RDF, XSD
from rdflib.term import Node

from kg.candidates import estimate
from kg.errors import Problems
from kg.estimates import Estimate
from kg.extract.plan import extract
from kg.iris import PlanIris, fiscal_year
from kg.mapping.candidate import candidate_graph
from kg.mapping.graphs import links_graph, source_graph
from kg.mapping.statistics import statistics_graph
from kg.mapping.terms import Context, decimal, integer, japanese
from kg.plan_settings import read_plan_settings
from kg.records import Curation
from kg.resources import ontology_dir
from kg.settings import SHARED_BASE_IRI
from kg.statistics import statistics_triples
from kg.vocab import SDG, SP

Triple = tuple[Node, Node, Node]
PLAN_FOLDER = ontology_dir().parent / "data/plans/koriyama-2021"
EXAMPLE = Namespace("https://example.org/")
SETTINGS = read_plan_settings(PLAN_FOLDER)
IRIS = PlanIris(SHARED_BASE_IRI, SETTINGS.code, SETTINGS.slug, SETTINGS.year)
PLAN, CITY, LAST_YEAR = IRIS.plan, IRIS.municipality, IRIS.plan_of(SETTINGS.year - 1)


STATISTICS = {
    "PlanStatistic": ("listed", 72),
    "GoalStatistic": ("published", 4),
    "ExpectedGoalStatistic": ("expected", 4),
    "PolicyStatistic": ("published", 5),
    "UnitStatistic": ("listed", 11),
}
"""Kind of a statistic -> basis and number that are right for goal 9, policy 1 and 市民部."""


@cache
def koriyama() -> frozenset[Triple]:
    """The plan's triples as the pipeline makes them, before any person decided a link."""
    plan = extract(SETTINGS).plan
    assert plan is not None
    context = Context(IRIS, SETTINGS)
    return frozenset([*source_graph(plan, context), *links_graph(plan, Curation(), context)])


@cache
def koriyama_estimate() -> Estimate:
    """The estimate of the plan's lost links, before any person decided one."""
    plan, problems = extract(SETTINGS).plan, Problems()
    assert plan is not None
    found = estimate(plan, Curation(), problems)
    assert found is not None and not problems
    return found


@cache
def candidates() -> frozenset[Triple]:
    """The triples of the candidate graph."""
    return frozenset(candidate_graph(koriyama_estimate(), Curation(), Context(IRIS, SETTINGS)))


@cache
def statistics() -> frozenset[Triple]:
    """The triples of the graph of statistics, cubes and prefectures included."""
    plan = extract(SETTINGS).plan
    assert plan is not None
    context = Context(IRIS, SETTINGS)
    own = statistics_graph(plan, Curation(), koriyama_estimate(), context)
    return frozenset([*own, *statistics_triples(SHARED_BASE_IRI)])


class Draft:
    """A copy of the plan's triples that may be changed."""

    def __init__(self, triples: frozenset[Triple]) -> None:
        self.triples = set(triples)

    def put(self, subject: Node, predicate: Node, *terms: Node) -> None:
        self.triples |= {(subject, predicate, term) for term in terms}

    def drop(self, subject: Node, predicate: Node | None = None) -> None:
        self.triples = {
            triple
            for triple in self.triples
            if triple[0] != subject or predicate not in (None, triple[1])
        }

    def swap(self, subject: Node, predicate: Node, term: Node) -> None:
        self.drop(subject, predicate)
        self.put(subject, predicate, term)

    def first(self, kind: Node) -> Node:
        return min(s for s, p, o in self.triples if p == RDF.type and o == kind)

    def record(self, key: str, goal: int, basis: str, *, direct: bool = True) -> URIRef:
        """A link record as the pipeline makes one, with its direct property."""
        path = "sdg-candidate" if basis == "inferred" else "sdg"
        link = URIRef(f"{IRIS.project(key)}/{path}/{goal}")
        self.put(link, RDF.type, SP.SdgLink)
        self.put(link, SP.linkedProject, IRIS.project(key))
        self.put(link, SP.linkedGoal, SDG[str(goal)])
        self.put(link, SP.basis, SP[f"basis-{basis}"])
        self.put(link, SP.evidence, japanese("まちづくり"))
        if basis == "curated":
            self.put(link, PROV.wasAttributedTo, IRIS.agent("a"))
            self.put(
                link, PROV.generatedAtTime, Literal("2026-11-24T00:00:00Z", datatype=XSD.dateTime)
            )
        if basis == "inferred":
            self.put(link, SP.confidence, Literal("0.5", datatype=XSD.decimal))
        if direct:
            name = {"inferred": "candidate"}.get(basis, basis)
            self.put(IRIS.project(key), SP[f"{name}SdgGoal"], SDG[str(goal)])
        return link

    def reject(self, key: str, goal: int) -> URIRef:
        """A rejection as the pipeline makes one."""
        record = IRIS.rejection(key, goal)
        self.put(record, RDF.type, SP.SdgRejection)
        self.put(record, SP.rejectedProject, IRIS.project(key))
        self.put(record, SP.rejectedGoal, SDG[str(goal)])
        self.put(record, SP.evidence, japanese("まちづくり"))
        self.put(record, PROV.wasAttributedTo, IRIS.agent("a"))
        self.put(IRIS.agent("a"), RDF.type, PROV.Agent)
        self.put(
            record, PROV.generatedAtTime, Literal("2026-11-24T00:00:00Z", datatype=XSD.dateTime)
        )
        return record

    def expect(self, goal: int, projects: str) -> URIRef:
        """An expected count of the first unit, as the pipeline makes one."""
        observation = IRIS.cube("expected-unit", "0", str(goal))
        self.put(observation, RDF.type, SP.ExpectedCountObservation)
        self.put(observation, SP.dimPlan, PLAN)
        self.put(observation, SP.dimUnit, self.first(ORG.OrganizationalUnit))
        self.put(observation, SP.dimGoal, SDG[str(goal)])
        self.put(observation, SP.expectedProjectCount, Literal(projects, datatype=XSD.decimal))
        return observation

    def statistic(self, kind: URIRef) -> URIRef:
        """A number of the statistics, as the pipeline makes one, see STATISTICS."""
        name = str(kind).rpartition("#")[2]
        basis, number = STATISTICS[name]
        observation = IRIS.cube("statistics", name, basis)
        self.put(observation, RDF.type, kind)
        self.put(observation, SP.dimMunicipality, IRIS.municipality)
        self.put(observation, SP.dimFiscalYear, fiscal_year(IRIS.year))
        self.put(observation, SP.dimPlan, PLAN)
        self.put(observation, SP.dimBasis, SP[f"count-{basis}"])
        if kind == SP.UnitStatistic:
            self.put(observation, SP.dimUnit, IRIS.unit(("市民部",)))
        if kind == SP.PolicyStatistic:
            self.put(observation, SP.dimPolicy, IRIS.policy("1"))
        if kind in (SP.GoalStatistic, SP.ExpectedGoalStatistic):
            self.put(observation, SP.dimGoal, SDG["9"])
        if kind == SP.ExpectedGoalStatistic:
            self.put(observation, SP.statisticCount, decimal(Decimal(number)))
        else:
            self.put(observation, SP.statisticCount, integer(number))
            self.put(observation, SP.countCertainty, SP["count-exact"])
        return observation

    def curate(self, key: str, *goals: int) -> None:
        """Links that a person decided, complete and consistent."""
        for goal in goals:
            self.record(key, goal, "curated")
            self.put(IRIS.project(key), SP.sdgGoal, SDG[str(goal)])
        self.swap(IRIS.project(key), SP.sdgLinkBasis, SP["basis-curated"])


def cell(policy: int, item: str) -> URIRef:
    return IRIS.cube("balance", str(policy), item)


def total(item: str) -> URIRef:
    return IRIS.cube("balance-total", item)


def project(number: int) -> URIRef:
    return IRIS.project(str(number))


def target_of(number: int, order: int = 1) -> URIRef:
    return IRIS.target(str(number), order)


@dataclass(frozen=True)
class Broken:
    """An edit that breaks `constraint`; `also` breaks with it, `why` says for what reason."""

    constraint: str
    edit: Callable[[Draft], object]
    also: frozenset[str] = field(default_factory=frozenset)
    why: str = ""

    def triples(self) -> frozenset[Triple]:
        draft = Draft(koriyama())
        self.edit(draft)
        return frozenset(draft.triples)


BROKEN: list[Broken] = []


def breaks(
    constraint: str, *also: str, why: str = ""
) -> Callable[[Callable[[Draft], object]], Callable[[Draft], object]]:
    def register(edit: Callable[[Draft], object]) -> Callable[[Draft], object]:
        BROKEN.append(Broken(constraint, edit, frozenset(also), why))
        return edit

    return register

"""The statistics say what the plans' own graphs say, each number with its basis."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF

from kg.checking import check_plan
from kg.iris import fiscal_year
from kg.release import current_release
from kg.settings import Settings
from kg.store import Store, open_release
from kg.vocab import QB, SDG, SP
from tests.pipeline.koriyama import IRIS, PLAN, PLAN_FOLDER, Triple

CUBE = "https://w3id.org/jp-sdgplan/id/statistics"
PUBLISHED = (12, 8, 8, 11, 3, 2, 0, 13, 4, 12, 13, 0, 7, 0, 0, 7, 21)


def graph_of(triples: Iterable[Triple]) -> Graph:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return graph


def numbers(graph: Graph, kind: URIRef, basis: str, dimension: URIRef) -> dict[str, int]:
    """End of the IRI -> number, of all observations of the kind and basis."""
    return {
        str(graph.value(one, dimension)).rpartition("/")[2]: int(
            graph.value(one, SP.statisticCount)
        )
        for one in graph.subjects(RDF.type, kind)
        if (one, SP.dimBasis, SP[f"count-{basis}"]) in graph
    }


@pytest.fixture(scope="module")
def koriyama() -> Graph:
    return graph_of(check_plan(PLAN_FOLDER, Settings(), "shacl").graphs["statistics"])


@pytest.fixture(scope="module")
def store(two_cities: Path) -> Store:
    return open_release(current_release(two_cities).path)


def test_koriyamas_goals_are_counted_as_published_and_none_as_known(koriyama: Graph) -> None:
    published = numbers(koriyama, SP.GoalStatistic, "published", SP.dimGoal)
    assert published == {str(goal): n for goal, n in enumerate(PUBLISHED, 1)}
    for basis in ("stated", "curated"):
        assert numbers(koriyama, SP.GoalStatistic, basis, SP.dimGoal) == {}


def test_expected_projects_are_those_published_and_are_no_goal_statistic(koriyama: Graph) -> None:
    expected = {
        str(koriyama.value(one, SP.dimGoal)): Decimal(koriyama.value(one, SP.statisticCount))
        for one in koriyama.subjects(RDF.type, SP.ExpectedGoalStatistic)
    }
    assert set(expected) == {str(SDG[str(goal)]) for goal in range(1, 18)}
    for goal, count in enumerate(PUBLISHED, 1):
        assert expected[str(SDG[str(goal)])] == count
    assert not set(koriyama.subjects(RDF.type, SP.GoalStatistic)) & set(
        koriyama.subjects(RDF.type, SP.ExpectedGoalStatistic)
    )


def test_koriyamas_policies_units_and_rows(koriyama: Graph) -> None:
    wanted = {str(n): count for n, count in enumerate((5, 4, 5, 15, 9, 19, 15), 1)}
    for basis in ("published", "listed"):
        assert numbers(koriyama, SP.PolicyStatistic, basis, SP.dimPolicy) == wanted
        assert numbers(koriyama, SP.PlanStatistic, basis, SP.dimPlan) == {"2021": 72}
    units = numbers(koriyama, SP.UnitStatistic, "listed", SP.dimUnit)
    assert len(units) == 45
    for path, count in ((("市民部",), 11), (("保健福祉部",), 13), (("総務部", "人事課"), 1)):
        assert units[IRIS.unit(path).rpartition("/")[2]] == count


def test_every_observation_says_where_and_when_it_is_of(koriyama: Graph) -> None:
    observations = set(koriyama.subjects(RDF.type, QB.Observation))
    assert len(observations) == 2 + 17 + 17 + 14 + 45
    for one in observations:
        assert str(one).startswith(f"{PLAN}/cube/statistics/")
        assert koriyama.value(one, SP.dimMunicipality) == IRIS.municipality
        assert koriyama.value(one, SP.dimFiscalYear) == fiscal_year(2021)
        assert koriyama.value(one, SP.dimPlan) == PLAN
        assert str(koriyama.value(one, SP.prefecture)).endswith("/sac/C07000")
        is_estimated = (one, RDF.type, SP.ExpectedGoalStatistic) in koriyama
        certainty = None if is_estimated else SP["count-exact"]
        assert koriyama.value(one, SP.countCertainty) == certainty


def test_a_made_up_municipality_has_no_prefecture(store: Store) -> None:
    rows = store.select(
        "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#> "
        "SELECT DISTINCT ?m ?p { ?o sp:dimMunicipality ?m OPTIONAL { ?o sp:prefecture ?p } }"
    )
    found = {str(row["m"]).rpartition("/")[2]: row.get("p") for row in rows}
    assert found["072036"] == URIRef("http://data.e-stat.go.jp/lod/sac/C07000")
    assert [value for code, value in found.items() if code != "072036"] == [None]


def test_a_prefecture_is_named_in_both_languages(store: Store) -> None:
    rows = store.select(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
        "SELECT ?n { <http://data.e-stat.go.jp/lod/sac/C07000> skos:prefLabel ?n }"
    )
    assert {row["n"] for row in rows} == {
        Literal("福島県", lang="ja"),
        Literal("Fukushima", lang="en"),
    }


@pytest.mark.parametrize("basis", ["stated", "curated"])
def test_known_links_are_counted_goal_by_goal(store: Store, basis: str) -> None:
    """Counted again by a query over the links themselves."""
    rows = store.select(
        "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#> "
        "SELECT ?plan ?goal (COUNT(DISTINCT ?p) AS ?n) "
        f"{{ ?p sp:{basis}SdgGoal ?goal ; sp:inPlan ?plan }} GROUP BY ?plan ?goal"
    )
    linked = {(row["plan"], row["goal"]): int(row["n"]) for row in rows}
    counted = store.select(
        "PREFIX sp: <https://w3id.org/jp-sdgplan/ns#> SELECT ?plan ?goal ?n "
        f"{{ ?o a sp:GoalStatistic ; sp:dimBasis sp:count-{basis} ; sp:dimPlan ?plan ; "
        "sp:dimGoal ?goal ; sp:statisticCount ?n FILTER(?n > 0) }"
    )
    assert {(row["plan"], row["goal"]): int(row["n"]) for row in counted} == linked
    assert linked


def test_a_plan_with_some_links_decided_has_lower_bounds(tmp_path: Path) -> None:
    folder = tmp_path / "koriyama-2021"
    shutil.copytree(PLAN_FOLDER, folder)
    decision = "63,11,accept,セーフコミュニティを中心的概念とした,tester,2026-11-24\n"
    (folder / "links.csv").write_text(
        "number,goal,decision,evidence,agent,decided_on\n" + decision, encoding="utf-8"
    )
    checked = check_plan(folder, Settings(), "shacl")
    assert [str(problem) for problem in checked.problems] == []
    graph = graph_of(checked.graphs["statistics"])
    curated = numbers(graph, SP.GoalStatistic, "curated", SP.dimGoal)
    assert curated == {str(goal): int(goal == 11) for goal in range(1, 18)}
    for one in graph.subjects(SP.dimBasis, SP["count-curated"]):
        assert graph.value(one, SP.countCertainty) == SP["count-at-least"]


def test_the_cubes_are_named_and_have_a_structure(store: Store) -> None:
    rows = store.select(
        "PREFIX qb: <http://purl.org/linked-data/cube#> "
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
        "SELECT ?cube ?structure ?name { "
        "GRAPH <https://w3id.org/jp-sdgplan/id/graph/statistics> { "
        "?cube a qb:DataSet ; qb:structure ?structure ; skos:prefLabel ?name } "
        'FILTER(LANG(?name) = "en") } ORDER BY ?cube'
    )
    names = ("goal", "goal-expected", "plan", "policy", "unit")
    assert [(str(r["cube"]), r["structure"]) for r in rows] == [
        (f"{CUBE}/{name}", SP[f"structure-statistics-{name}"]) for name in names
    ]


def test_nothing_of_the_statistics_is_in_a_plans_own_dump(two_cities: Path) -> None:
    for path in (current_release(two_cities).path / "dumps").glob("*/*/*/plan.nq"):
        assert "/cube/statistics/" not in path.read_text(encoding="utf-8")

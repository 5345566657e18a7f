"""The graph of statistics: the cubes that all plans' observations belong to, and prefectures.

The observations are made plan by plan (kg/mapping/statistics.py), from what the plan's own
graphs say; they repeat no judgement of their own.
"""

from __future__ import annotations

from rdflib import Literal, URIRef

from kg.iris import STATISTICS, shared_graph, statistics_cube
from kg.prefectures import prefectures
from kg.vocab import DCTERMS, PROV, QB, RDF, SKOS, SP
from kg.writers import Triple

_CUBES = {
    "plan": (
        "計画別の事業数",
        "Projects per plan",
        "計画ごとの、公表された事業数と、掲載された行を数えた事業数。",
        "The published number of projects of each plan, and the number of its rows.",
    ),
    "goal": (
        "ゴール別の事業数",
        "Projects per goal",
        "計画とゴールごとの事業数。公表、資料の記載、人の確認を根拠で分ける。一つの事業は、関連するゴールの"
        "それぞれで数える。根拠の異なる数は足せない（重ならない「記載」と「人の確認」だけは足せる）。",
        "Projects by plan and goal. Published, stated and curated counts are told apart by their "
        "basis. A project counts once for each of its goals. Counts of different bases must not be "
        "added up, but for stated and curated ones, which never overlap.",
    ),
    "goal-expected": (
        "ゴール別の期待事業数（推定）",
        "Expected projects per goal (estimated)",
        "計画とゴールごとの、確かな関連付けと推定の確率の合計。市の公表ではない。",
        "Known links and estimated probabilities, summed, by plan and goal; not published by the "
        "city.",
    ),
    "policy": (
        "基本施策別の事業数",
        "Projects per policy",
        "計画と基本施策ごとの、公表された事業数と、掲載された行を数えた事業数。",
        "The published number of projects of each policy of a plan, and the number of its rows.",
    ),
    "unit": (
        "組織別の事業数",
        "Projects per unit",
        "計画と組織ごとの、掲載された行を数えた事業数。下の組織の事業を含む。",
        "Rows by plan and unit, those of the units below included.",
    ),
}


def statistics_triples(base_iri: str) -> tuple[Triple, ...]:
    """The cubes with their structures, the prefectures, and the graph itself."""
    graph = shared_graph(base_iri, STATISTICS)
    found: list[Triple] = [
        (graph, RDF.type, PROV.Entity),
        (graph, SKOS.prefLabel, Literal("統計のグラフ", lang="ja")),
        (graph, SKOS.prefLabel, Literal("graph of the statistics", lang="en")),
    ]
    for name, (ja, en, about_ja, about_en) in _CUBES.items():
        cube = statistics_cube(base_iri, name)
        found += [
            (cube, RDF.type, QB.DataSet),
            (cube, QB.structure, SP[f"structure-statistics-{name}"]),
            (cube, SKOS.prefLabel, Literal(ja, lang="ja")),
            (cube, SKOS.prefLabel, Literal(en, lang="en")),
            (cube, DCTERMS.description, Literal(about_ja, lang="ja")),
            (cube, DCTERMS.description, Literal(about_en, lang="en")),
        ]
    for prefecture in prefectures():
        found += _prefecture(prefecture.iri, prefecture.code, prefecture.ja, prefecture.en)
    return tuple(found)


def _prefecture(iri: URIRef, code: str, ja: str, en: str) -> list[Triple]:
    return [
        (iri, SKOS.notation, Literal(code)),
        (iri, SKOS.prefLabel, Literal(ja, lang="ja")),
        (iri, SKOS.prefLabel, Literal(en, lang="en")),
    ]

"""The queries of the start page and of the goal pages. What is bound: see each."""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import URIRef

from server.pages.queries import PROLOGUE, SELECT, is_project, one_of, project_rows_query

COLLECTION = f"""{PROLOGUE}SELECT ?prefecture (COUNT(DISTINCT ?municipality) AS ?municipalities)
  (COUNT(DISTINCT ?plan) AS ?plans) (SUM(?listed) AS ?projects) (SUM(?published) AS ?links)
  (SUM(?has) AS ?given) (COUNT(DISTINCT ?madeUp) AS ?made) WHERE {{
  {{ SELECT ?plan (COUNT(DISTINCT ?project) AS ?listed) WHERE {{
    ?project a sp:Project ; sp:inPlan ?plan }} GROUP BY ?plan }}
  {{ SELECT DISTINCT ?plan ?municipality ?madeUp ?prefecture ?published ?has WHERE {{
    ?plan a sp:ImplementationPlan ; sp:municipality ?municipality .
    OPTIONAL {{ ?municipality sp:localGovernmentCode ?code }}
    OPTIONAL {{ ?municipality a sp:MadeUpMunicipality BIND(?municipality AS ?madeUp) }}
    OPTIONAL {{ ?plan sp:publishedLinkCount ?printed }}
    BIND(COALESCE(SUBSTR(?code, 1, 2), "") AS ?prefecture)
    BIND(COALESCE(?printed, 0) AS ?published) BIND(IF(BOUND(?printed), 1, 0) AS ?has) }} }}
}} GROUP BY ?prefecture"""
"""The numbers of municipalities, plans, projects and published links, by prefecture."""


def _newest_counts(goal: str) -> str:
    """What the newest plan of each municipality publishes; `goal` "" = of one bound ?goal."""
    return f"""{{ SELECT ?municipality {goal} (SUM(?one) AS ?count) WHERE {{
    {{ SELECT DISTINCT ?municipality ?plan {goal} ?one WHERE {{
      ?observation sp:dimGoal ?goal ; sp:dimPlan ?plan ; sp:projectCount ?one .
      {{ SELECT ?municipality (MAX(STR(?year)) AS ?newest) WHERE {{
        {{ SELECT DISTINCT ?any WHERE {{ ?project sp:inPlan ?any }} }}
        ?any sp:municipality ?municipality ; sp:fiscalYear ?year }} GROUP BY ?municipality }}
      ?plan sp:municipality ?municipality ; sp:fiscalYear ?fiscalYear .
      FILTER(STR(?fiscalYear) = ?newest) }} }}
  }} GROUP BY ?municipality {goal} }}"""


GOAL_TOTALS = f"""{PROLOGUE}SELECT ?goal (SUM(?count) AS ?published)
  (COUNT(?municipality) AS ?municipalities) (SUM(IF(?count > 0, 1, 0)) AS ?above) WHERE {{
  {_newest_counts("?goal")}
}} GROUP BY ?goal"""

GOAL_BY_PREFECTURE = f"""{PROLOGUE}SELECT ?prefecture (SUM(?count) AS ?published)
  (COUNT(?municipality) AS ?municipalities) (SUM(IF(?count > 0, 1, 0)) AS ?above) WHERE {{
  {_newest_counts("")}
  {{ SELECT DISTINCT ?municipality ?prefecture WHERE {{
    ?municipality sp:localGovernmentCode ?code BIND(SUBSTR(?code, 1, 2) AS ?prefecture) }} }}
}} GROUP BY ?prefecture"""
"""For one ?goal, by prefecture."""


def counts_of_goal(where: str) -> str:
    """For each plan of a place its projects and those estimated to have the ?goal.

    ?kind: sp:Project for all projects, or the property of estimated links.
    """
    return f"""{PROLOGUE}SELECT ?plan ?kind (COUNT(DISTINCT ?project) AS ?projects) WHERE {{
  {{ {where} ?project sp:candidateSdgGoal ?goal ; sp:inPlan ?plan
    BIND(sp:candidateSdgGoal AS ?kind) }}
  UNION {{ {where} ?project sp:inPlan ?plan . {is_project("?project")}
    BIND(sp:Project AS ?kind) }}
}} GROUP BY ?plan ?kind"""


def statistics_of_goal(where: str) -> str:
    """What the statistics count for the ?goal: for each plan of a place a row for each basis.

    A basis that says nothing has no row: the number is unknown.
    """
    return f"""{PROLOGUE}SELECT DISTINCT ?plan ?basis ?count ?certainty WHERE {{
  {where} ?observation sp:dimGoal ?goal ; sp:dimPlan ?plan ; sp:dimBasis ?basis ;
    sp:statisticCount ?count .
  OPTIONAL {{ ?observation sp:countCertainty ?certainty }}
}}"""


def published_of_goal(where: str) -> str:
    """The plans of a place with their names, and what they publish of the ?goal."""
    return f"""{SELECT}
  {{ {where} ?plan a sp:ImplementationPlan ; ?property ?value BIND(?plan AS ?subject)
    FILTER(?property IN (rdf:type, skos:prefLabel, sp:municipality, sp:fiscalYear)) }}
  UNION {{ {where} ?plan a sp:ImplementationPlan ; sp:municipality|sp:fiscalYear ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, sp:localGovernmentCode, sp:year)) }}
  UNION {{ {where} ?subject sp:dimPlan ?plan ; sp:dimGoal ?goal ; a sp:GoalCountObservation ;
    ?property ?value }}
}}"""


_LINKED = "?subject sp:inPlan ?plan ; sp:sdgGoal|sp:candidateSdgGoal ?goal ."

PROJECTS_OF_GOAL = f"""{project_rows_query(_LINKED)[:-1]}
  UNION {{ ?project sp:candidateSdgGoal ?goal .
    ?subject sp:linkedProject ?project ; sp:linkedGoal ?goal ; sp:basis sp:basis-inferred ;
      ?property ?value }}
}}"""
"""The projects with the ?goal, whoever says so, and the estimates' records."""


def expected_of_units(units: Iterable[URIRef]) -> str:
    """The expected projects of each goal of the units together, by plan.

    All cells count, known links and those of a probability that is too small to be recorded too.
    """
    return f"""{PROLOGUE}SELECT ?plan ?goal (SUM(?count) AS ?expected) WHERE {{
  {{ SELECT DISTINCT ?plan ?observation ?goal ?count WHERE {{
    {one_of("within", units)} ?observation sp:dimUnit ?within .
    ?observation sp:expectedProjectCount ?count ; a sp:ExpectedCountObservation ;
      sp:dimPlan ?plan ; sp:dimGoal ?goal }} }}
}} GROUP BY ?plan ?goal"""

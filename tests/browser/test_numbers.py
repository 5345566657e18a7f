"""The numbers on the pages are what SPARQL answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Open
from tests.browser.site import LANGUAGES, NARROW, PAGES, WIDE, Page

YEARS = "https://w3id.org/jp-sdgplan/id/482013/plan/kyodo-2/"
PREFIXES = f"""PREFIX org: <http://www.w3.org/ns/org#>
PREFIX sdg: <http://metadata.un.org/sdg/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sp: <https://w3id.org/jp-sdgplan/ns#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX plans: <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/>
PREFIX made: <{YEARS}>
"""
NEWEST = """?o a sp:GoalCountObservation ; sp:dimPlan ?plan ; sp:dimGoal ?goal ;
    sp:projectCount ?n . ?plan sp:municipality ?city ; sp:fiscalYear ?year
    FILTER NOT EXISTS { ?later a sp:ImplementationPlan ; sp:municipality ?city ;
      sp:fiscalYear ?last . ?p sp:inPlan ?later FILTER(STR(?last) > STR(?year)) }"""
BY_GOAL = "BIND(xsd:integer(REPLACE(STR(?goal), '.*/', '')) AS ?number)"
IN_PLAN = "?p a sp:Project ; sp:inPlan plans:2021"
GOALS_OF_PLAN = f"""SELECT ?n {{ ?o a sp:GoalCountObservation ; sp:dimPlan plans:2021 ;
    sp:dimGoal ?goal ; sp:projectCount ?n {BY_GOAL} }} ORDER BY ?number"""
TILES = f"SELECT (SUM(?n) AS ?sum) {{ {NEWEST} {BY_GOAL} }} GROUP BY ?number ORDER BY ?number"

REVIEWED = """{ SELECT (COUNT(?c) AS ?new) { ?c a sp:ProjectChange ; sp:inPlan PLAN ;
      sp:changeKind sp:status-new-or-added } }
    { SELECT (COUNT(?c) AS ?ended) { ?c a sp:ProjectChange ; sp:inPlan PLAN ; sp:changeKind ?kind
      FILTER(?kind != sp:status-new-or-added) } }"""
BOTH = """?p a sp:Project ; sp:inPlan made:2020 ; sp:versionOf ?one .
    ?q a sp:Project ; sp:inPlan made:2021 ; sp:versionOf ?one ."""
TARGETS = f"""{BOTH} ?p sp:target ?t . ?q sp:target ?u .
    ?t sp:targetKind sp:target-numeric ; sp:targetLabel ?label ; sp:targetUnit ?unit ;
      sp:targetValue ?old .
    ?u sp:targetKind sp:target-numeric ; sp:targetLabel ?label ; sp:targetUnit ?unit ;
      sp:targetValue ?new FILTER(?old != ?new)"""

NUMBERS = {
    "start": {
        ".figures b": """SELECT (COUNT(DISTINCT ?city) AS ?cities) (COUNT(DISTINCT ?plan) AS ?plans)
            (SUM(?count) AS ?projects) (SUM(?links) AS ?all) {
            ?plan a sp:ImplementationPlan ; sp:municipality ?city ; sp:publishedLinkCount ?links
            { SELECT ?plan (COUNT(*) AS ?count) { ?p a sp:Project ; sp:inPlan ?plan }
              GROUP BY ?plan } }""",
        ".tile-count": TILES,
    },
    "goals": {".tile-count": TILES},
    "municipality": {
        "#plans ~ table td.num": f"""SELECT (COUNT(?p) AS ?n) (SUM(?icons) AS ?all) {{
            {IN_PLAN} ; sp:iconCount ?icons }}""",
        "#units": """SELECT (COUNT(DISTINCT ?top) AS ?n) {
            ?p sp:inPlan plans:2021 ; sp:responsibleUnit/org:subOrganizationOf* ?top .
            ?top org:unitOf <https://w3id.org/jp-sdgplan/id/072036> }""",
    },
    "basic-plan": {
        "#policies ~ table td.num": f"""SELECT (COUNT(?p) AS ?n) {{ {IN_PLAN} ; sp:policy ?policy .
            ?policy skos:notation ?number }} GROUP BY ?number ORDER BY ?number""",
    },
    "plan": {
        ".figures b": f"""SELECT ?projects ?new ?links ?numeric ?zero {{
            {{ SELECT (COUNT(?p) AS ?projects) {{ {IN_PLAN} }} }}
            {{ SELECT (COUNT(?c) AS ?new) {{ ?c a sp:ProjectChange ; sp:inPlan plans:2021 ;
               sp:changeKind sp:status-new-or-added }} }}
            {{ plans:2021 sp:publishedLinkCount ?links }}
            {{ SELECT (COUNT(?t) AS ?numeric) {{ {IN_PLAN} ; sp:target ?t .
               ?t sp:targetKind sp:target-numeric }} }}
            {{ SELECT (COUNT(?o) AS ?zero) {{ ?o a sp:GoalCountObservation ;
               sp:dimPlan plans:2021 ; sp:projectCount 0 }} }} }}""",
        ".goal-counts tbody td:nth-child(2)": GOALS_OF_PLAN,
        ".projects tbody td:first-child": f"""SELECT ?n {{ {IN_PLAN} ; sp:number ?n }}
            ORDER BY ?n""",
    },
    "plan-filtered": {
        "#projects ~ * caption": f"""SELECT (COUNT(?p) AS ?n) {{ {IN_PLAN} ;
            sp:policy <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/policy/6> }}""",
    },
    "policy": {
        ".projects tbody td:first-child": f"""SELECT ?n {{ {IN_PLAN} ; sp:number ?n ;
            sp:policy <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/policy/6> }}
            ORDER BY ?n""",
        ".facts div:nth-child(-n+2) dd": f"""SELECT (COUNT(?p) AS ?n) (SUM(?icons) AS ?all) {{
            {IN_PLAN} ; sp:iconCount ?icons ;
            sp:policy <https://w3id.org/jp-sdgplan/id/072036/plan/kyodo-2/policy/6> }}""",
    },
    "unit": {
        ".projects tbody td:first-child": f"""SELECT ?n {{ {IN_PLAN} ; sp:number ?n ;
            sp:responsibleUnit <https://w3id.org/jp-sdgplan/id/072036/unit/858c572f> }}
            ORDER BY ?n""",
    },
    "observation": {
        "dl.statements div:has-text('sp:projectCount') dd": """SELECT ?n {
            ?o sp:dimPlan plans:2021 ; sp:dimGoal sdg:11 ; sp:projectCount ?n }""",
    },
    "goal": {
        "#counts ~ table td:nth-child(3)": """SELECT ?n { ?o a sp:GoalCountObservation ;
            sp:dimGoal sdg:11 ; sp:dimPlan ?plan ; sp:projectCount ?n .
            ?plan sp:municipality ?city ; sp:fiscalYear ?year } ORDER BY ?city DESC(?year)""",
    },
    "changes": {
        ".figures b": f"SELECT ?new ?ended {{ {REVIEWED} }}".replace("PLAN", "plans:2021"),
        "#balance ~ * tfoot td a": """SELECT ?n {
            VALUES (?item ?place) { (sp:item-previous 1) (sp:item-new-or-added 2)
              (sp:item-completed-or-abolished 3) (sp:item-routine 4) (sp:item-merged 5)
              (sp:item-current 6) }
            ?o a sp:BalanceTotalObservation ; sp:dimPlan plans:2021 ; sp:dimItem ?item ;
              sp:projectCount ?n } ORDER BY ?place""",
    },
    "changes-years": {
        ".figures b": f"""SELECT ?new ?ended ?both ?targets ?units {{ {REVIEWED}
            {{ SELECT (COUNT(?q) AS ?both) {{ {BOTH} }} }}
            {{ SELECT (COUNT(?u) AS ?targets) {{ {TARGETS} }} }}
            {{ SELECT (COUNT(?q) AS ?units) {{ {BOTH} ?p sp:responsibleUnit ?a .
               ?q sp:responsibleUnit ?b FILTER(?a != ?b) }} }} }}""".replace("PLAN", "made:2021"),
        "#carried-on ~ table tbody th": f"""SELECT ?n {{ {BOTH} ?q sp:number ?n }} ORDER BY ?n""",
        "#carried-on ~ table tbody td:nth-child(2)": f"""SELECT ?n {{ {BOTH} ?p sp:number ?n .
            ?q sp:number ?place }} ORDER BY ?place""",
    },
    "query": {
        ".solutions tbody td:last-child": f"""SELECT ?n {{ ?o a sp:GoalCountObservation ;
            sp:dimPlan ?plan ; sp:dimGoal ?goal ; sp:projectCount ?n .
            ?plan sp:municipality ?city ; sp:fiscalYear/sp:year "2021"^^xsd:gYear {BY_GOAL} }}
            ORDER BY ?number ?city ?plan""",
    },
    "report": {
        "#results ~ table td.num": """SELECT (COUNT(?r) AS ?n) {
            ?r a <http://www.w3.org/ns/shacl#ValidationResult> ;
            <http://www.w3.org/ns/shacl#sourceConstraint>|<http://www.w3.org/ns/shacl#sourceShape>
            <https://w3id.org/jp-sdgplan/shapes#C14>
            FILTER(CONTAINS(STR(?r), '/072036/')) }""",
    },
}
NAMED = {page.name: page for page in PAGES}


@pytest.mark.parametrize("name", NUMBERS)
def test_the_numbers_on_a_page_are_those_of_the_endpoint(
    open_page: Open, ask: Callable[[Page, str], list[int]], name: str
) -> None:
    page = NAMED[name]
    for language, width in zip(LANGUAGES, (WIDE, NARROW), strict=True):
        with open_page(page, language, width) as found:
            for selector, query in NUMBERS[name].items():
                expected = ask(page, PREFIXES + query)
                assert expected and found.numbers(selector) == expected, (selector, language)


def test_a_chart_shows_the_numbers_of_the_endpoint(
    open_page: Open, ask: Callable[[Page, str], list[int]]
) -> None:
    page = Page("chart", "", "charts/072036/kyodo-2/2021/goals-ja-wide.svg")
    with open_page(page) as found:
        numbers = found.numbers("text")[:17]
        assert numbers == ask(page, PREFIXES + GOALS_OF_PLAN)
        # the browser looks for an icon where a document names none
        assert [text for text in found.complaints if "favicon.ico" not in text] == []

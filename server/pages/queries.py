"""The queries of the pages. Terms are bound by the engine, never put into a text.

Most of them give triples (?subject ?property ?value) for `server.pages.facts.Facts`; the default
graph is the union of all graphs, hence DISTINCT; estimated links are told by their basis.

Properties and classes stand in filters, not in VALUES and patterns: the engine would begin with
every statement of them (measured with 1,741 plans: 9 s against 0.05 s).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rdflib import URIRef

from kg.vocab import PREFIXES

PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
SELECT = f"{PROLOGUE}SELECT DISTINCT ?subject ?property ?value WHERE {{"
_NAMES = """FILTER(?property IN (rdf:type, skos:prefLabel, rdfs:label, dcterms:title, skos:notation,
    skos:altLabel, sp:number, sp:targetText, sp:noteText, sp:projectName,
    sp:order, sp:fiscalYear, dcterms:rights, dcterms:license))"""


def is_project(variable: str) -> str:
    """That it is a project, as a filter: as a pattern, all projects would be looked at first."""
    return f"FILTER EXISTS {{ {variable} a sp:Project }}"


@lru_cache(maxsize=32)
def statements(ancestors: int) -> str:
    """The resource, the names of what it points to, and of ?ancestor1 … ?ancestorN."""
    unions = "".join(
        f"\n  UNION {{ ?ancestor{n} ?property ?value BIND(?ancestor{n} AS ?subject) {_NAMES} }}"
        for n in range(1, ancestors + 1)
    )
    return f"""{SELECT}
  {{ ?resource ?property ?value BIND(?resource AS ?subject) }}
  UNION {{ ?resource ?link ?subject . ?subject ?property ?value {_NAMES} }}{unions}
}}"""


def one_of(variable: str, iris: Iterable[URIRef]) -> str:
    """The pattern by which the variable is one of these."""
    return f"VALUES ?{variable} {{ {' '.join(iri.n3() for iri in sorted(iris))} }}"


def names_of(iris: Iterable[URIRef]) -> str:
    """What the resources are, and their names."""
    return f"{SELECT} {one_of('subject', iris)} ?subject ?property ?value . {_NAMES} }}"


PROJECT_WITH_MOST_ICONS = f"""{PROLOGUE}SELECT ?project WHERE {{
  ?project sp:inPlan ?plan ; sp:iconCount ?icons ; sp:number ?number .
}} ORDER BY DESC(?icons) ?number LIMIT 1"""

POINTING_HERE = f"""{SELECT}
  ?subject ?link ?resource ; rdf:type ?class ; ?property ?value .
  VALUES ?class {{ sp:Municipality sp:BasicPlan sp:ImplementationPlan sp:Project sp:Policy
    sp:ContinuingProject sp:ProjectChange sp:PlannedTarget org:OrganizationalUnit }}
  {_NAMES}
  FILTER(?link != dcterms:source || ?class IN (sp:ImplementationPlan, sp:BasicPlan))
}} LIMIT 3000"""

EVERYWHERE = ""
IN_PREFECTURE = """?plan sp:municipality/sp:localGovernmentCode ?code .
    FILTER(STRSTARTS(?code, ?prefecture))"""
OF_MUNICIPALITY = "?plan sp:municipality ?municipality ."


def plans(where: str) -> str:
    """The yearly plans of a place, with the names of what they belong to."""
    return f"""{SELECT}
  {{ {where} ?plan a sp:ImplementationPlan ; ?property ?value BIND(?plan AS ?subject)
    FILTER(?property IN (rdf:type, skos:prefLabel, sp:municipality, sp:fiscalYear, dcterms:isPartOf,
    sp:publishedProjectCount, sp:publishedLinkCount)) }}
  UNION {{ {where} ?plan a sp:ImplementationPlan ;
      sp:municipality|sp:fiscalYear|dcterms:isPartOf ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:altLabel, sp:localGovernmentCode,
    sp:year)) }}
}}"""


def project_counts(where: str) -> str:
    """How many projects each plan of a place lists."""
    return f"""{PROLOGUE}SELECT ?plan (COUNT(DISTINCT ?project) AS ?projects) WHERE {{
  {where} ?project sp:inPlan ?plan . {is_project("?project")} }} GROUP BY ?plan"""


UNIT_TREE = f"""{SELECT}
  ?subject org:subOrganizationOf*/org:unitOf ?municipality ; ?property ?value .
  FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf, org:unitOf, sp:authority))
}}"""

UNIT_COUNTS = f"""{PROLOGUE}SELECT ?unit ?plan (COUNT(?project) AS ?projects)
  (SUM(?icons) AS ?links) (MIN(?number) AS ?first) WHERE {{
  {{ SELECT DISTINCT ?unit ?plan ?project ?icons ?number WHERE {{
    ?plan sp:municipality ?municipality .
    ?project sp:inPlan ?plan ; sp:responsibleUnit ?unit ; sp:number ?number .
    OPTIONAL {{ ?project sp:iconCount ?printed }} BIND(COALESCE(?printed, 0) AS ?icons) }} }}
}} GROUP BY ?unit ?plan"""

POLICY_COUNTS = f"""{PROLOGUE}SELECT ?policy ?plan (COUNT(?project) AS ?projects)
  (SUM(?icons) AS ?links) WHERE {{
  {{ SELECT DISTINCT ?policy ?plan ?project ?icons WHERE {{
    ?plan dcterms:isPartOf ?basicPlan . ?project sp:inPlan ?plan ; sp:policy ?policy .
    {is_project("?project")}
    OPTIONAL {{ ?project sp:iconCount ?printed }} BIND(COALESCE(?printed, 0) AS ?icons) }} }}
}} GROUP BY ?policy ?plan"""

POLICIES_OF_BASIC_PLAN = f"""{SELECT}
  {{ ?basicPlan sp:policyScheme ?scheme . ?subject skos:inScheme ?scheme }}
  UNION {{ ?subject dcterms:isPartOf ?basicPlan }}
  ?subject ?property ?value .
  FILTER(?property IN (rdf:type, skos:prefLabel, skos:notation, sp:fiscalYear,
    sp:publishedProjectCount, sp:publishedLinkCount))
}}"""

_PROJECT_ROW = """FILTER(?property IN (rdf:type, skos:prefLabel, sp:number, sp:policy,
    sp:responsibleUnit, sp:listingStatus, sp:iconCount, sp:sdgLinkBasis, sp:statedSdgGoal,
    sp:curatedSdgGoal, sp:candidateSdgGoal, sp:target, sp:indicator, sp:inPlan))"""
_TARGET_ROW = """FILTER(?property IN (rdf:type, sp:targetText, sp:targetLabel, sp:targetValue,
    sp:targetUnit, sp:targetKind, sp:order))"""


def project_rows_query(pattern: str) -> str:
    """Projects as tables show them; in the pattern they are ?subject."""
    pattern = f"{pattern} {is_project('?subject')}"
    return f"""{SELECT}
  {{ {pattern} ?subject ?property ?value . {_PROJECT_ROW} BIND(?subject AS ?project) }}
  UNION {{ {pattern.replace("?subject", "?project")} ?project sp:target ?subject .
    ?subject ?property ?value . {_TARGET_ROW} }}
  UNION {{ {pattern.replace("?subject", "?project")} ?project sp:policy|sp:inPlan ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:notation, sp:fiscalYear)) }}
  UNION {{ {pattern.replace("?subject", "?project")}
    ?project sp:responsibleUnit/org:subOrganizationOf* ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf)) }}
}}"""


PROJECTS_OF_PLAN = project_rows_query("?subject sp:inPlan ?plan .")
PROJECTS_OF_POLICY = project_rows_query("?subject sp:policy ?policy .")


def projects_of_units(units: Iterable[URIRef], role: URIRef) -> str:
    """Rows of the projects to which one of the units stands in the role.

    The units are named: a path from them to the projects is walked for all projects there are.
    """
    return project_rows_query(f"{one_of('within', units)} ?subject {role.n3()} ?within .")


TABLES_OF_PLAN = f"""{SELECT}
  {{ ?subject sp:dimPlan ?plan ; sp:projectCount ?printed ; ?property ?value }}
  UNION {{ ?subject a sp:ProjectChange ; sp:inPlan ?plan ; ?property ?value }}
  UNION {{ ?change a sp:ProjectChange ; sp:inPlan ?plan ;
      sp:responsibleUnit/org:subOrganizationOf* ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf)) }}
  UNION {{ ?plan sp:note ?subject . ?subject ?property ?value }}
  UNION {{ ?any sp:dimPlan ?plan ; sp:projectCount ?counted ; sp:dimPolicy ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:notation)) }}
}}"""

FIGURES_OF_PLAN = f"""{PROLOGUE}SELECT ?projects ?icons ?unknown ?numeric WHERE {{
  {{ SELECT (COUNT(?project) AS ?projects) (SUM(?count) AS ?icons)
      (SUM(?missing) AS ?unknown) WHERE {{
    {{ SELECT DISTINCT ?project ?count ?missing WHERE {{
      ?project sp:inPlan ?plan . {is_project("?project")}
      OPTIONAL {{ ?project sp:iconCount ?printed }}
      BIND(COALESCE(?printed, 0) AS ?count) BIND(IF(BOUND(?printed), 0, 1) AS ?missing) }} }} }} }}
  {{ SELECT (COUNT(DISTINCT ?target) AS ?numeric) WHERE {{
    ?any sp:inPlan ?plan ; sp:target ?target .
    ?target sp:targetKind sp:target-numeric }} }}
}}"""

AROUND_PROJECT = f"""{SELECT}
  {{ ?resource (sp:responsibleUnit|sp:partnerUnit)/org:subOrganizationOf* ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf, org:unitOf)) }}
  UNION {{ ?resource sp:target ?subject . ?subject ?property ?value }}
  UNION {{ ?subject sp:linkedProject|sp:rejectedProject ?resource ; ?property ?value }}
  UNION {{ ?resource sp:inPlan ?plan . ?subject sp:dimPlan ?plan ; a sp:GoalCountObservation ;
    sp:projectCount 0 ; ?property ?value . FILTER(?property IN (rdf:type, sp:dimGoal)) }}
  UNION {{ ?resource sp:inPlan ?plan ; sp:number ?number .
    ?subject sp:inPlan ?plan ; sp:number ?other ; ?property ?value .
    FILTER(?other = ?number - 1 || ?other = ?number + 1)
    FILTER(?property IN (rdf:type, skos:prefLabel, sp:number)) }}
  UNION {{ ?subject sp:listedProject|sp:mergedInto ?resource ; ?property ?value }}
  UNION {{ ?resource sp:inPlan ?plan . ?plan sp:municipality|sp:fiscalYear ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:altLabel, sp:year)) }}
  UNION {{ ?resource sp:inPlan ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, sp:fiscalYear, sp:municipality, dcterms:isPartOf)) }}
}}"""

AROUND_POLICY = f"""{SELECT}
  {{ ?subject sp:dimPolicy ?policy ; sp:projectCount ?printed ; ?property ?value }}
  UNION {{ ?subject sp:linkedPolicy ?policy ; ?property ?value }}
  UNION {{ ?subject a sp:ProjectChange ; sp:policy ?policy ; ?property ?value }}
  UNION {{ ?any sp:policy ?policy ; sp:inPlan ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, sp:fiscalYear, sp:municipality)) }}
  UNION {{ ?subject sp:policyScheme/^skos:inScheme ?policy ; ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel)) }}
  UNION {{ ?policy ?property ?value BIND(?policy AS ?subject)
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:notation)) }}
  UNION {{ ?change a sp:ProjectChange ; sp:policy ?policy ;
    sp:responsibleUnit/org:subOrganizationOf* ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf)) }}
}}"""

AROUND_UNIT = f"""{SELECT}
  {{ ?unit org:subOrganizationOf* ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf, org:unitOf)) }}
  UNION {{ ?subject org:subOrganizationOf+ ?unit ; ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, org:subOrganizationOf)) }}
  UNION {{ ?unit org:subOrganizationOf*/org:unitOf ?subject . ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel)) }}
  UNION {{ ?subject sp:responsibleUnit ?unit ; ?property ?value .
    FILTER(?property IN (rdf:type, sp:printedUnit, sp:sourceLine, sp:sourceSheet, sp:inPlan,
      sp:projectName)) }}
}}"""

YEARS_OF_PROJECT = f"""{SELECT}
  {{ ?subject sp:versionOf ?resource ; ?property ?value }}
  UNION {{ ?project sp:versionOf ?resource ; sp:inPlan|sp:policy|sp:responsibleUnit ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (rdf:type, skos:prefLabel, skos:notation, sp:fiscalYear)) }}
  UNION {{ ?project sp:versionOf ?resource ; sp:inPlan/sp:fiscalYear ?subject .
    ?subject ?property ?value .
    FILTER(?property IN (skos:prefLabel, sp:year)) }}
}}"""

PROJECTS_CSV = f"""PREFIX sp: <{PREFIXES["sp"]}>
PREFIX skos: <{PREFIXES["skos"]}>
PREFIX dcterms: <{PREFIXES["dcterms"]}>
SELECT ?number ?name ?policy ?unit ?text ?icons WHERE {{
  ?project sp:inPlan ?plan ; a sp:Project ; sp:number ?number ; skos:prefLabel ?name .
  ?project sp:policy/skos:notation ?policy ; sp:responsibleUnit/skos:prefLabel ?unit .
  OPTIONAL {{ ?project dcterms:description ?text }}
  OPTIONAL {{ ?project sp:iconCount ?icons }}
  FILTER(LANG(?name) = "ja" && LANG(?unit) = "ja")
}} ORDER BY ?number"""
"""The table a link offers as CSV; ?plan is replaced by the plan as a term in `links.query_url`."""

REPORT_OF_PLAN = f"""{PROLOGUE}SELECT DISTINCT ?subject ?property ?value ?count WHERE {{
  {{ GRAPH ?graph {{ ?subject a sh:ValidationResult ; ?property ?value }}
    FILTER(<{PREFIXES["xsd"]}integer>(STRAFTER(STR(?subject), "#")) <= 1000) }}
  UNION {{ GRAPH ?graph {{ ?subject a sh:ValidationReport ; ?property ?value
    FILTER(?property IN (rdf:type, sh:conforms)) }} }}
  UNION {{ {{ SELECT DISTINCT ?subject WHERE {{
      GRAPH ?graph {{ ?result sh:focusNode|sh:value ?subject }} FILTER(isIRI(?subject))
      }} LIMIT 1000 }}
    ?subject ?property ?value . {_NAMES} }}
  UNION {{ SELECT ?subject ?property (COUNT(?result) AS ?count) WHERE {{
      GRAPH ?graph {{ ?result sh:resultSeverity ?property ; sh:sourceShape ?shape .
        OPTIONAL {{ ?result sh:sourceConstraint ?numbered }} }}
      BIND(COALESCE(?numbered, ?shape) AS ?subject) }} GROUP BY ?subject ?property }}
  UNION {{ SELECT ?subject ?property (COUNT(DISTINCT ?project) AS ?count) WHERE {{
      ?project sp:inPlan ?plan ; ?property ?subject . {is_project("?project")}
      FILTER(?property IN (sp:policy, sp:sdgGoal)) }} GROUP BY ?subject ?property }}
}}"""
"""The first results of a plan's report with the names of what they are about; ?count instead of
?value: the results by constraint and severity, the projects by policy and goal."""

_RESULT = """?result sh:sourceShape ?shape . OPTIONAL { ?result sh:sourceConstraint ?numbered }"""
_RESULTS = f"""{PROLOGUE}SELECT ?constraint (COUNT(?result) AS ?results)
  (COUNT(DISTINCT ?report) AS ?plans) (MIN(STR(?report)) AS ?first) WHERE {{"""
_BY_CONSTRAINT = "BIND(COALESCE(?numbered, ?shape) AS ?constraint) } GROUP BY ?constraint"

RESULTS_OF_CONSTRAINTS = f"{_RESULTS} GRAPH ?report {{ {_RESULT} }} {_BY_CONSTRAINT}"
"""What each constraint found in all reports, and the first of the graphs it found something in."""
RESULTS_OF_PLAN = (
    f"{_RESULTS} GRAPH ?graph {{ {_RESULT} }} BIND(?graph AS ?report) {_BY_CONSTRAINT}"
)
REPORTS = f"{PROLOGUE}SELECT ?graph WHERE {{ GRAPH ?graph {{ ?report a sh:ValidationReport }} }}"

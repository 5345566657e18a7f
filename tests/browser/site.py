"""The pages of the service by kind, one of each, and the numbers on them.

`PAGES` is what the tests and the screenshots go through. Paths are those of Koriyama's plan, but
for what only the made-up plans beside it have.
"""

from __future__ import annotations

from dataclasses import dataclass

PLAN = "doc/072036/plan/kyodo-2/2021"
MADE_UP_CODE = "502014"
YEARS_CODE = "482013"
MADE_UP = f"doc/{MADE_UP_CODE}/plan/machizukuri-2/2021"
YEARS = f"changes/{YEARS_CODE}/kyodo-2/2021"
WIDE, NARROW = 1152, 360
LANGUAGES = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one kind: its name, its template, its path, and its status.

    `has_estimates` says that it is shown over the release with (made-up) estimates,
    `start` where its picture begins, if not at the top.
    """

    name: str
    template: str
    path: str
    status: int = 200
    has_estimates: bool = False
    start: str = ""

    @property
    def has_made_up(self) -> bool:
        """Whether it shows a made-up municipality."""
        return MADE_UP_CODE in self.path or YEARS_CODE in self.path or self.path == "changes"

    @property
    def is_frame(self) -> bool:
        """Whether it is shown inside pages of other sites, which have the header and the h1."""
        return self.template.endswith("-embed")

    def address(self, language: str) -> str:
        return f"{self.path}{'&' if '?' in self.path else '?'}lang={language}"


PAGES = (
    Page("start", "start", ""),
    Page("municipality", "municipality", "doc/072036"),
    Page("basic-plan", "basic_plan", "doc/072036/plan/kyodo-2"),
    Page("plan", "plan", PLAN),
    Page("plan-filtered", "plan", f"{PLAN}?policy=6&sort=unit", start="#projects"),
    Page("project", "project", f"{PLAN}/project/34"),
    Page("project-estimated", "project", f"{PLAN}/project/63", has_estimates=True),
    Page("project-stated", "project", f"{MADE_UP}/project/4"),
    Page("policy", "policy", "doc/072036/plan/kyodo-2/policy/6"),
    Page("unit", "unit", "doc/072036/unit/858c572f"),
    Page("continuing", "continuing", "doc/072036/project/78393ec8"),
    Page("target", "resource", f"{PLAN}/project/34/target/1"),
    Page("change", "resource", f"{PLAN}/change/1"),
    Page("observation", "resource", f"{PLAN}/cube/sdg-goal/11"),
    Page("source", "resource", "doc/072036/source/kyodo-2-2021"),
    Page("link", "resource", f"{MADE_UP}/project/4/sdg/2"),
    Page("goals", "goals", "goals"),
    Page("goal", "goal", "goals/11"),
    Page("goal-estimated", "goal", "goals/11", has_estimates=True),
    Page("search", "search", "search?q=%E6%B0%B4"),
    Page("search-start", "search", "search"),
    Page("compare", "compare", f"compare?m=072036&m={MADE_UP_CODE}&year=2021"),
    Page("compare-one", "compare", "compare?m=072036"),
    Page("compare-embed", "compare-embed", "compare?m=072036&view=embed"),
    Page("plan-embed", "plan-embed", f"{PLAN}?view=embed"),
    Page("goal-embed", "goal-embed", "goals/11?view=embed"),
    Page("changes", "changes", "changes/072036/kyodo-2/2021"),
    Page("changes-years", "changes", YEARS),
    Page("change-lists", "change_lists", "changes"),
    Page("report", "report", "report/072036/kyodo-2/2021"),
    Page("quality", "quality", "quality"),
    Page("ns", "ns", "ns"),
    Page("shapes", "shapes", "shapes"),
    Page("sparql", "sparql", "sparql?example=cq04"),
    Page("guides", "guides", "guides"),
    Page("guide", "guide", "guides/query"),
    Page("guide-estimates", "guide", "guides/estimates"),
    Page("queries", "queries", "queries"),
    Page("query", "query", "queries/cq10"),
    Page("query-links", "query", "queries/cq01"),
    Page("query-estimated", "query", "queries/cq13", has_estimates=True),
    Page("accessibility", "accessibility", "accessibility"),
    Page("not-found", "error", "doc/072036/nothing", status=404),
)

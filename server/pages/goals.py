"""The 17 goals at /goals, and one goal across municipalities at /goals/11."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from flask import Response, request
from flask_babel import gettext
from rdflib import Literal, URIRef
from werkzeug.exceptions import NotFound

from kg.goals import GOALS
from kg.vocab import SKOS, SP
from server.answers import redirect_to
from server.context import context
from server.negotiation import TURTLE
from server.pages import goal_queries, queries
from server.pages.candidates import candidates_of
from server.pages.collection import (
    chosen_prefecture,
    goal_totals,
    held_by_prefecture,
    held_in_all,
    prefecture_url,
    published_by_prefecture,
)
from server.pages.embed import embed_of, frameable, is_embedded
from server.pages.facts import Facts
from server.pages.frame import Crumb, DataLink, Frame, page, plan_entries
from server.pages.goal_rows import GoalRow, LinkedInAll, goal_rows
from server.pages.kept import kept
from server.pages.language import page_language
from server.pages.links import file, site
from server.pages.rows import ProjectRow, project_rows
from server.pages.terms import goal_iri, ontology_graph, term_labels


def _(text: str) -> str:
    return text


_T = TypeVar("_T")
OUTSIDE = {
    "http://metadata.un.org/": _("国連"),
    "http://www.wikidata.org/": "Wikidata",
    "http://purl.unep.org/": "SDGIO",
}


def goals_page() -> Response:
    """The grid of goals with published counts."""
    title = gettext("17のゴール")
    held = held_in_all(held_by_prefecture())
    frame = Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path="goals",
        data=_data_links(),
        plans=plan_entries(),
        description=gettext("SDGsの17のゴールごとに、自治体の計画が公表した事業数を示します。"),
    )
    shown = page("goals.html", frame, title=title, goals=goal_totals(), held=held,
                 made_up=held.made_up > 0)  # fmt: skip
    return kept(shown)


def goal_page(number: int) -> Response:
    """One goal: what each plan publishes, who links which projects, estimates apart."""
    if number not in GOALS:
        raise NotFound
    if request.path != f"/goals/{number}":  # 011: one page has one address
        query = request.query_string.decode("ascii", "replace")
        return redirect_to(context().url(f"goals/{number}{'?' if query else ''}{query}"), 301)
    language, goal = page_language(), goal_iri(number)
    prefectures = held_by_prefecture()
    chosen = chosen_prefecture(prefectures)
    names = sorted(term_labels(str(goal)), key=lambda name: name.language != language)
    title = gettext("ゴール%(number)s %(name)s", number=number, name=str(names[0]))
    values: dict[str, Any] = {"rows": [], "stated": [], "curated": [], "candidates": []}
    if chosen is None:
        by_code = published_by_prefecture(number)
        values["by_prefecture"] = [
            (held, prefecture_url(f"goals/{number}", held.code, "counts"), by_code.get(held.code))
            for held in prefectures
        ]
    else:
        values |= _of_place(goal, chosen, language)
    frame = Frame(
        title=[title],
        crumbs=[
            Crumb(gettext("ホーム"), site("")),
            Crumb(gettext("ゴール"), site("goals")),
            Crumb(gettext("ゴール%(number)s", number=number)),
        ],
        path=f"goals/{number}",
        data=_data_links(),
        plans=plan_entries(),
        is_view="prefecture" in request.args,
        description=gettext("%(title)s: 自治体ごとの公表事業数と、関連付けられた事業。",
                            title=title),
    )  # fmt: skip
    chosen_place = f"?prefecture={chosen}" if chosen else ""
    shown = page(
        "goal-embed.html" if is_embedded() else "goal.html",
        frame,
        embed=embed_of(f"goals/{number}{chosen_place}", title),
        number=number,
        names=names,
        title=title,
        prefectures=[
            (held, prefecture_url(f"goals/{number}", held.code, "counts")) for held in prefectures
        ],
        chosen=chosen,
        outside=_outside(goal),
        before=_neighbour(number - 1),
        after=_neighbour(number + 1),
        **{"made_up": any(row.is_made_up for row in values["rows"]), **values},
    )
    return kept(frameable(shown) if is_embedded() else shown)


def _neighbour(number: int) -> tuple[int, Literal, str] | None:
    if number not in GOALS:
        return None
    labels = {name.language: name for name in term_labels(str(goal_iri(number)))}
    return number, labels[page_language()], site(f"goals/{number}")


def _of_place(goal: URIRef, prefecture: str, language: str) -> dict[str, Any]:
    engine = context().engine
    where = queries.IN_PREFECTURE if prefecture else queries.EVERYWHERE
    bound: dict[str, Any] = {"goal": goal}
    if prefecture:
        bound["prefecture"] = Literal(prefecture)
    rows = goal_rows(where, bound, language)
    newest = {row.plan: row for row in rows if row.is_newest}
    found: dict[str, Any] = {
        "rows": rows,
        "linked": LinkedInAll.of(newest.values()),
        "zeros": [row for row in newest.values() if row.published and row.published.count == 0],
    }
    if prefecture:  # too many to list: the counts lead to the lists of the plans
        return found
    linked = Facts(engine.select(goal_queries.PROJECTS_OF_GOAL, bound))
    projects = project_rows(linked, language)
    estimates = {c.project: c for c in candidates_of(linked, language) if c.is_chosen}

    def with_goal(item: URIRef) -> list[tuple[GoalRow, list[tuple[ProjectRow, None]]]]:
        own = [project for project in projects if goal in linked.all(project.iri, item)]
        return _by_plan(linked, ((project, None) for project in own), newest)

    estimated = [(p, estimates[p.iri]) for p in projects if p.iri in estimates]
    return found | {
        "stated": with_goal(SP.statedSdgGoal),
        "curated": with_goal(SP.curatedSdgGoal),
        "candidates": _by_plan(linked, estimated, newest),
    }


def _by_plan(
    facts: Facts, pairs: Iterable[tuple[ProjectRow, _T]], plans: Mapping[URIRef, GoalRow]
) -> list[tuple[GoalRow, list[tuple[ProjectRow, _T]]]]:
    """Projects, each with something, under their plans, in the order of the plans."""
    found: dict[URIRef | None, list[tuple[ProjectRow, _T]]] = {}
    for project, what in pairs:
        found.setdefault(facts.iri(project.iri, SP.inPlan), []).append((project, what))
    return [(row, found[plan]) for plan, row in plans.items() if plan in found]


def _outside(goal: URIRef) -> list[tuple[str, str]]:
    """The same goal elsewhere: the UN's own identifier first."""
    graph = ontology_graph("goals")
    iris = [str(goal), *sorted(map(str, graph.objects(goal, SKOS.exactMatch)), reverse=True)]
    return [
        (gettext(name), iri)
        for iri in iris
        for start, name in OUTSIDE.items()
        if iri.startswith(start)
    ]


def _data_links() -> list[DataLink]:
    return [
        DataLink(gettext("17のゴールの名称（Turtle）"), file("goals.ttl"),
                 media_type=TURTLE.media_type)
    ]  # fmt: skip

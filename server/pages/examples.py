"""The pages /queries and /queries/{name}: questions to the data, each with its answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Response
from flask_babel import gettext
from rdflib import BNode, Literal, URIRef

from kg.counts import read_counts
from kg.examples import Example, examples
from kg.vocab import SP
from server.context import context
from server.examples import Shown, Totals
from server.negotiation import CSV, JSON, QUERY
from server.pages.frame import Crumb, DataLink, Frame, format_number, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, href, resource_path, site
from server.pages.snippets import numeric_columns, snippets
from server.pages.terms import goal_number, shortened
from server.solutions import Term

LINK_TERMS = ("sp:sdgGoal", "sp:SdgLink")
ESTIMATED = ("sp:confidence", "sp:candidateSdgGoal", "sp:expectedProjectCount")
"""A query that asks for one of these gives estimates,"""
ESTIMATES = frozenset((f"{SP}basis-inferred", f"{SP}count-expected"))
"""and so does an answer in which one of these stands."""
FEW_IRIS = 20
"""Are shown in full at once; more are folded away."""
JAPANESE = '= "ja"'
"""In a query that asks for names in Japanese."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A term as the table shows it; `iri` for one that a link is made of."""

    text: Literal | str
    url: str | None = None
    iri: str | None = None


def text_in(texts: Iterable[tuple[str, str]], language: str) -> Literal | None:
    """The text of one language, marked as such; None if there is none in it."""
    return next((Literal(text, lang=code) for code, text in texts if code == language), None)


def editor_url(example: Example) -> str:
    """The query form with the text of the example in it."""
    return site("sparql#query", example=example.name)


def unanswered() -> frozenset[str]:
    """The names of the examples without an answer here, for want of stated or curated links."""
    return _empty(context().release.path)


@lru_cache(maxsize=4)
def _empty(release: Path) -> frozenset[str]:
    counts = read_counts(release)
    if counts is None or counts.properties[str(SP.sdgGoal)]:
        return frozenset()
    asked = [e for e in examples() if any(term in e.text for term in LINK_TERMS)]
    return frozenset(e.name for e in asked if not context().engine.select(e.text))


def examples_page(known: Totals) -> Response:
    """All questions, with the numbers of rows that are known."""
    language, title = page_language(), gettext("問い合わせの例と答え")
    frame = Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path="queries",
        data=[DataLink(gettext("一覧（JSON）"), f"{file('queries')}?format=json",
                       media_type="application/json")],
        description=str(
            gettext("公開データへの問いの例: 答えの表、問い合わせ文、プログラムからの使い方。")
        ),
        plans=plan_entries(),
    )  # fmt: skip
    rows = [
        (one, _heading(one, language), text_in(one.titles, language), known.rows.get(one.name),
         site(f"queries/{one.name}"), editor_url(one))
        for one in examples()
    ]  # fmt: skip
    return page(
        "queries.html",
        frame,
        title=title,
        rows=rows,
        unanswered=unanswered(),
        is_counting=not known.is_complete,
        release=context().release.id,
    )


def example_page(example: Example, shown: Shown) -> Response:
    """One question with its answer, its text, and how to ask it from a program."""
    here, language, found = context(), page_language(), shown.solutions
    heading = _heading(example, language)
    others = [Literal(text, lang=code) for code, text in example.questions if code != language]
    cells = _Cells()
    rows = [[cells.of(term) for term in row] for row in found.rows]
    note = text_in(example.notes, language) or text_in(example.notes, "en")
    total = format_number(found.total)
    frame = Frame(
        title=[str(heading), example.number],
        crumbs=[
            Crumb(gettext("ホーム"), site("")),
            Crumb(gettext("問い合わせの例と答え"), site("queries")),
            Crumb(example.number),
        ],
        path=f"queries/{example.name}",
        data=[
            DataLink(gettext("CSV（全%(number)s行）", number=total),
                     _file(example, "csv"), media_type=CSV.media_type),
            DataLink(gettext("CSV（Excel対応・全%(number)s行）", number=total),
                     f"{_file(example, 'csv')}?format=excel-csv"),
            DataLink(gettext("JSON（全%(number)s行）", number=total),
                     _file(example, "json"), media_type=JSON.media_type),
            DataLink(gettext("問い合わせ文（.rq）"),
                     _file(example, "rq"), media_type=QUERY.media_type),
        ],
        description=str(heading),
        plans=plan_entries(),
    )  # fmt: skip
    return page(
        "query.html",
        frame,
        example=example,
        heading=heading,
        others=others,
        title=text_in(example.titles, language),
        note=note,
        columns=found.columns,
        numeric=numeric_columns(found),
        rows=rows,
        total=found.total,
        iris=cells.iris,
        few_iris=FEW_IRIS,
        has_no_links=example.name in unanswered(),
        asks_japanese=JAPANESE in example.text,
        release=here.release.id,
        editor=editor_url(example),
        addresses=[
            here.url(f"queries/{example.name}{end}") for end in ("", ".csv", ".json", ".rq")
        ],
        pinned=here.url(f"queries/{example.name}.csv?release={here.release.id}"),
        snippets=snippets(example, found),
        made_up=_is_made_up(cells.iris),
        has_estimates=any(term in example.text for term in ESTIMATED)
        or not ESTIMATES.isdisjoint(cells.iris),
    )


def _file(example: Example, extension: str) -> str:
    return file(f"queries/{example.name}.{extension}")


def _heading(example: Example, language: str) -> Literal | str:
    """The question in the language of the page, or in another one; without any, the number."""
    own = text_in(example.questions, language)
    return own or next((Literal(t, lang=c) for c, t in example.questions), example.number)


class _Cells:
    """Terms as cells; each IRI is looked at once."""

    def __init__(self) -> None:
        self.iris: dict[str, Cell] = {}

    def of(self, term: Term | None) -> Cell | None:
        """None for no value."""
        if term is None:
            return None
        if isinstance(term, Literal):
            return Cell(term)
        if isinstance(term, BNode):
            return Cell(f"_:{term}")
        iri = str(term)
        found = self.iris.get(iri)
        if found is None:
            found = self.iris[iri] = Cell(_short(term), _page_of(iri), iri)
        return found


def _short(iri: URIRef) -> str:
    return resource_path(iri) or shortened(iri)


def _page_of(iri: str) -> str | None:
    """Our page about the thing, else its own address."""
    goal = goal_number(iri)
    return href(iri) if goal is None else site(f"goals/{goal}")


def _is_made_up(iris: Iterable[str]) -> bool:
    """Whether one of them is of a municipality that does not exist."""
    codes = {str(entry["code"]) for entry in plan_entries() if entry.get("made_up")}
    return any((resource_path(iri) or "").partition("/")[0] in codes for iri in iris)

"""The page /search: a box, what was found with the words marked, and ways to narrow it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Response
from flask_babel import gettext
from markupsafe import Markup, escape
from rdflib import Literal

from kg.folding import words_of
from kg.search_entries import Kind
from server.excerpts import Marked
from server.finding import Filters, Hit
from server.negotiation import CSV, PLAIN_JSON
from server.pages.changes import label
from server.pages.facts import in_language
from server.pages.frame import Crumb, DataLink, Frame, format_number, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, has_page, href, site
from server.pages.prefectures import prefecture_of
from server.pages.terms import goal_iri, term_labels
from server.search import MOST_CSV_ROWS, ROWS_A_PAGE, Row, Search, filter_values, municipalities

MOST_MUNICIPALITIES = 30
"""In a list; of more, their prefectures are listed."""
FEW_CHOICES = 12
"""Are shown at once; more are folded away."""
EXAMPLES = ("水", "防災", "子育て", "スポーツ", "国際交流", "市民協働", "ＤＸ", "Wi-Fi")
"""Shown where they find something."""
_MOST_NAMED = 5


def _(text: str) -> str:
    return text


KINDS = {
    Kind.PROJECT: ("事業", "Projects", "Project"),
    Kind.TARGET: ("計画値", "Targets", "Target"),
    Kind.UNIT: ("組織", "Units", "Unit"),
    Kind.GOAL: ("ゴール", "Goals", "Goal"),
    Kind.POLICY: ("基本施策", "Policies", "Policy"),
    Kind.CHANGE: ("一覧から外れた事業", "No longer listed", "No longer listed"),
    Kind.PLAN: ("計画", "Plans", "Plan"),
    Kind.MUNICIPALITY: ("自治体", "Municipalities", "Municipality"),
}
"""In Japanese, and for many and for one in English."""
FIELDS = {
    "target": _("計画値"),
    "unit": _("担当課"),
    "policy": _("基本施策"),
    "printed": _("資料の表記"),
    "english": _("英語の名称"),
    "code": _("全国地方公共団体コード"),
}
"""Said before an excerpt; the plan's own text needs no word."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to narrow down: its name, the entries it leaves, where it leads."""

    name: Literal | str
    number: int
    url: str
    is_chosen: bool
    goal: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A found entry as it is listed."""

    url: str | None
    name: Markup
    kind: str | None
    """None for a project."""
    city: Literal | None
    made_up: bool
    year: str
    number: str
    place: Literal | None
    """The unit, or what is above a unit."""
    status: Literal | None
    project: tuple[Literal, str | None] | None
    field: str | None
    excerpt: Markup | None


def search_page(found: Search) -> Response:
    """The box and, if words were given, what they found."""
    title = (
        gettext("「%(query)s」の検索結果", query=found.query) if found.words else gettext("検索")
    )
    rows = found.rows(found.start, ROWS_A_PAGE)
    cities = municipalities()
    choices = {
        "places": _places(found, cities),
        "years": _years(found),
        "goals": _goals(found, "goal", found.counts.goals),
        "estimated": _goals(found, "estimated", found.counts.estimated),
    }
    return page(
        "search.html",
        Frame(
            title=[title],
            crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(gettext("検索"))],
            path=None if found.words else "search",
            data=_data_links(found) if found.counts.total else (),
            plans=plan_entries(),
        ),
        found=found,
        heading=title,
        has_index=found.finder is not None,
        examples=[] if found.words else _examples(found),
        kinds=_kinds(found),
        **choices,
        few_choices=sum(map(len, choices.values())) <= FEW_CHOICES,
        active=_active(found, cities),
        all_url=_url(found, **dict.fromkeys(filter_values(found.filters))),
        estimated_instead=_estimated_instead(found),
        only_listed_before=_only_listed_before(found, rows),
        cities_name=_kind(Kind.MUNICIPALITY),
        rows=[_found(row, cities) for row in rows],
        first=found.start + 1,
        last=found.start + len(rows),
        previous=_page_url(found, found.page - 1),
        next=_page_url(found, found.page + 1),
        rows_a_page=ROWS_A_PAGE,
    )


def _url(found: Search, **changes: object) -> str:
    return site("search", **found.parameters(**changes))


def _page_url(found: Search, number: int) -> str | None:
    return _url(found, page=number) if 1 <= number <= found.pages else None


def _data_links(found: Search) -> list[DataLink]:
    def address(form: str, **changes: object) -> str:
        parameters = {**found.parameters(**changes), "format": form}
        return f"{file('search')}?{urlencode(parameters)}"

    total = format_number(found.counts.total)
    if found.counts.total > MOST_CSV_ROWS:
        name = gettext(
            "CSV（Excel対応・全%(rows)s件のうち初めの%(part)s件）",
            rows=total,
            part=format_number(MOST_CSV_ROWS),
        )
    else:
        name = gettext("CSV（Excel対応・全%(rows)s件）", rows=total)
    page_json = address("json", page=found.page)
    return [
        DataLink(gettext("JSON（このページの行）"), page_json, None, PLAIN_JSON.media_type),
        DataLink(name, address("excel-csv"), None, CSV.media_type),
    ]


def _examples(found: Search) -> list[Choice]:
    if found.finder is None:
        return []
    numbers = [(text, found.finder.counts(words_of(text), Filters()).every) for text in EXAMPLES]
    return [Choice(text, n, site("search", q=text), False) for text, n in numbers if n]


def _kind(kind: Kind, *, is_one: bool = False) -> str:
    japanese, many, one = KINDS[kind]
    return japanese if page_language() == "ja" else one if is_one else many


def _kinds(found: Search) -> list[Choice]:
    return [
        Choice(
            _kind(kind), number, _url(found, kind=kind.name.lower()),
            kind is found.filters.kind,
        )
        for kind, number in found.counts.kinds.items()
    ]  # fmt: skip


def _places(found: Search, cities: Mapping[int, Mapping[str, Any]]) -> list[Choice]:
    """Municipalities by code; where they are too many, prefectures."""
    filters, counts = found.filters, found.counts
    if filters.prefecture is None and len(counts.municipalities) > MOST_MUNICIPALITIES:
        return [
            Choice(
                _prefecture(code), number, _url(found, prefecture=f"{code:02}", municipality=None),
                False,
            )
            for code, number in counts.prefectures.items()
        ]  # fmt: skip
    return [
        Choice(
            _city(cities, code), number, _url(found, municipality=f"{code:06}"),
            code == filters.municipality,
        )
        for code, number in counts.municipalities.items()
    ]  # fmt: skip


def _prefecture(code: int) -> Literal | str:
    return prefecture_of(f"{code:02}0000") or gettext("その他（%(code)s）", code=f"{code:02}")


def _city(cities: Mapping[int, Mapping[str, Any]], code: int) -> Literal | str:
    entry = cities.get(code)
    return f"{code:06}" if entry is None else label(entry["municipality"], page_language())


def _years(found: Search) -> list[Choice]:
    newest_first = sorted(found.counts.years.items(), reverse=True)
    return [
        Choice(
            gettext("%(year)s年度", year=year), n, _url(found, year=year),
            year == found.filters.year,
        )
        for year, n in newest_first
    ]  # fmt: skip


def _goals(found: Search, name: str, numbers: Mapping[int, int]) -> list[Choice]:
    """One of the two filters by goal; choosing it drops the other one."""
    chosen = getattr(found.filters, name)
    changes: dict[str, object] = {"goal": None, "estimated": None}
    return [
        Choice(_goal(goal), n, _url(found, **{**changes, name: goal}), goal == chosen, goal)
        for goal, n in numbers.items()
    ]


def _estimated_instead(found: Search) -> tuple[int, str] | None:
    """How many entries the estimates of the goal that is asked for give, and where they are."""
    goal = found.filters.goal
    number = found.counts.estimated.get(goal, 0) if goal is not None else 0
    return (number, _url(found, goal=None, estimated=goal)) if number else None


def _goal(number: int) -> Literal:
    names = in_language(term_labels(str(goal_iri(number))), page_language())
    return names if names is not None else Literal(str(number))


def _active(
    found: Search, cities: Mapping[int, Mapping[str, Any]]
) -> list[tuple[Literal | str, str]]:
    """Each filter by name, and the address without it."""
    filters = found.filters
    names: dict[str, Literal | str] = {}
    if filters.kind is not None:
        names["kind"] = _kind(filters.kind)
    if filters.prefecture is not None:
        names["prefecture"] = _prefecture(filters.prefecture)
    if filters.municipality is not None:
        names["municipality"] = _city(cities, filters.municipality)
    if filters.year is not None:
        names["year"] = gettext("%(year)s年度", year=filters.year)
    if filters.goal is not None:
        names["goal"] = gettext("ゴール%(number)s", number=filters.goal)
    if filters.estimated is not None:
        names["estimated"] = gettext("ゴール%(number)s（推定）", number=filters.estimated)
    return [(text, _url(found, **{name: None})) for name, text in names.items()]


def _only_listed_before(found: Search, rows: Iterable[Row]) -> tuple[int, list[Any]] | None:
    """How many projects were found that are no longer listed, and some of them with their fate.

    None if projects that are listed were found, or none of these, or filters are set.
    """
    number = found.counts.kinds.get(Kind.CHANGE, 0)
    if filter_values(found.filters) or Kind.PROJECT in found.counts.kinds or not number:
        return None
    hits = [row.hit for row in rows if row.hit.kind is Kind.CHANGE][:_MOST_NAMED]
    return number, [(Literal(hit.name, lang="ja"), href(hit.iri), _status(hit)) for hit in hits]


def _status(hit: Hit) -> Literal | None:
    status = hit.about.get("status")
    return in_language(term_labels(status), page_language()) if status else None


def _found(row: Row, cities: Mapping[int, Mapping[str, Any]]) -> Found:
    hit, about = row.hit, row.hit.about
    entry = cities.get(hit.code)
    place = about.get("unit") or about.get("above")
    piece = row.excerpt
    is_named = hit.kind in (Kind.PLAN, Kind.MUNICIPALITY)
    return Found(
        url=_address(hit),
        name=_marked(row.name, "ja"),
        kind=None if hit.kind is Kind.PROJECT else _kind(hit.kind, is_one=True),
        city=None if entry is None or is_named else label(entry["municipality"], page_language()),
        made_up=bool(entry and entry.get("made_up")),
        year=gettext("%(year)s年度", year=hit.year) if hit.year and not is_named else "",
        number=hit.number,
        place=Literal(place, lang="ja") if place else None,
        status=_status(hit),
        project=(Literal(about["project_name"], lang="ja"), href(about["project"]))
        if "project" in about
        else None,
        field=gettext(FIELDS[piece.field]) if piece and piece.field in FIELDS else None,
        excerpt=None if piece is None else _marked(piece, _language(piece.field)),
    )


def _address(hit: Hit) -> str | None:
    if hit.kind is Kind.GOAL and has_page(f"goals/{hit.number}"):
        return site(f"goals/{hit.number}")
    return href(hit.iri)


def _language(field: str) -> str | None:
    return {"english": "en", "code": None}.get(field, "ja")


def _marked(piece: Marked, language: str | None) -> Markup:
    """The text with <mark> around what was found, in its language and its own direction."""
    is_own = language is None or language == page_language()
    parts = ["<bdi>" if is_own else f'<bdi lang="{language}">', "…" * piece.is_cut[0]]
    for part, is_found in piece.pieces():
        parts += ("<mark>", escape(part), "</mark>") if is_found else (escape(part),)
    # every part is escaped
    return Markup("".join([*parts, "…" * piece.is_cut[1], "</bdi>"]))

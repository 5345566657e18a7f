"""The page of plans side by side: numbers per goal with their basis, chart, notes, neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

from flask import Response
from flask_babel import gettext
from rdflib import Literal

from kg.goals import GOALS
from server.compare import Comparison
from server.compare.chart import SIZES, height_of, shown
from server.compare.choice import Choice, Entry, Show
from server.compare.columns import BASES, MOST_COLUMNS, Column, Kind
from server.compare.nearest import Near, nearest
from server.compare.notes import notes_of
from server.compare.picture import can_draw_png
from server.compare.words import chart_texts
from server.pages.charts import Chart, Picture
from server.pages.embed import Embed, embed_of, frameable, is_embedded
from server.pages.frame import Crumb, DataLink, Frame, Source, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, href, site
from server.pages.terms import goal_iri, term_labels

MOST_OFFERED = 200
"""So many municipalities are offered while a name is typed; of more the reader types the whole."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a column: as it is shown, and each basis that says one."""

    number: Decimal | None
    is_exact: bool
    bases: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head, and the address of the comparison without it."""

    column: Column
    name: Literal
    url: str | None
    without: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A near plan; `percent` is its distance, `url` the comparison with it."""

    name: Literal
    url: str
    percent: Decimal
    differences: tuple[tuple[int, Decimal, Decimal], ...]


def compare_page(found: Comparison) -> Response:
    """The comparison, or how to begin one."""
    language, choice, columns = page_language(), found.choice, found.columns
    title = gettext("自治体を比べる")
    names = [column.name(language) for column in columns]
    frame = Frame(
        title=[title, *([gettext("・").join(map(str, names))] if names else [])],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(gettext("比較"))],
        path=f"compare?{choice.query()}" if columns else "compare",
        data=_data_links(choice) if columns else [],
        sources=[_source(column.entry, language) for column in columns],
        plans=[column.entry for column in columns] or plan_entries(),
        is_view=choice.show is not Show.COUNT,
        description=gettext("市区町村の実施計画を、ゴールごとの事業数で並べて比べます。"),
    )
    embed = _embed(choice, columns, title) if columns else None
    is_frame = embed is not None and is_embedded()
    response = page(
        "compare-embed.html" if is_frame else "compare.html",
        frame,
        title=title,
        choice=choice,
        heads=[_head(column, found, language) for column in columns],
        rows=[(goal, _goal_name(goal, language), _cells(columns, goal, choice)) for goal in GOALS],
        notes=notes_of(columns),
        language_place=0 if language == "ja" else 1,
        chart=_chart(columns, choice, language) if columns else None,
        years=_years(found.entries),
        shows=[(show, _show_name(show)) for show in Show],
        offered=_offered(found.entries, language),
        unclear=[
            (one.text, [(_name_of(code, found, language), _with(choice, code)) for code in
                        one.suggested])
            for one in choice.unclear
        ],
        absent=[(_name_of(code, found, language), year) for code, year in choice.absent],
        most=MOST_COLUMNS,
        held=len({entry["code"] for entry in found.entries}),
        made_up=any(column.is_made_up for column in columns),
        png=can_draw_png(),
        picture_query=choice.query(),
        nearest_of=columns[0].name(language) if columns else None,
        neighbours=_neighbours(found, language),
        embed=embed,
    )  # fmt: skip
    return frameable(response) if is_frame else response


def _source(entry: Entry, language: str) -> Source:
    """The document that the numbers of a plan are from."""
    document = entry["document"]
    titles = document["title"]
    chosen = language if language in titles else "ja"
    return Source(Literal(titles[chosen], lang=chosen), href(document["iri"]))


def _data_links(choice: Choice) -> list[DataLink]:
    links = [
        DataLink(
            gettext("比較の表（CSV）"), file(f"compare.csv?{choice.query()}"), None, "text/csv"
        ),
        DataLink("JSON", file(f"compare.json?{choice.query()}"), None, "application/json"),
        DataLink("SVG", _picture(choice, "svg"), None, "image/svg+xml"),
    ]
    if can_draw_png():
        links.append(DataLink("PNG", _picture(choice, "png"), None, "image/png"))
    return links


def _picture(choice: Choice, extension: str, **more: str) -> str:
    parameters = urlencode({"lang": page_language(), **more})
    return file(f"compare.{extension}?{choice.query()}&{parameters}")


def _embed(choice: Choice, columns: Sequence[Column], title: str) -> Embed:
    language = page_language()
    names = gettext("・").join(str(column.name(language)) for column in columns)
    return embed_of(f"compare?{choice.query()}", f"{title} {names}")


def _head(column: Column, found: Comparison, language: str) -> Head:
    codes = tuple(code for code in found.choice.codes if code != column.entry["code"])
    return Head(
        column,
        column.name(language),
        href(column.entry["iri"]),
        _to(found.choice.query(codes=codes)),
    )


def _to(query: str) -> str:
    return site("compare", query)


def _with(choice: Choice, code: str) -> str:
    return _to(choice.query(codes=(*choice.codes, code)))


def _cells(columns: Sequence[Column], goal: int, choice: Choice) -> list[Cell]:
    cells = []
    for column in columns:
        bases = [
            (basis, column.counts[basis][goal])
            for basis in BASES
            if goal in column.counts.get(basis, {})
            # beside a published number the estimate only repeats it: it was made to meet it
            and not (basis == "expected" and column.kind is Kind.PUBLISHED)
        ]
        cells.append(
            Cell(
                shown(column.main(goal), column, choice.show),
                column.kind is Kind.PUBLISHED or column.is_exact,
                tuple(bases),
            )
        )
    return cells


def _goal_name(goal: int, language: str) -> Literal:
    names = {name.language: name for name in term_labels(str(goal_iri(goal)))}
    return names[language]


def _chart(columns: Sequence[Column], choice: Choice, language: str) -> Chart:
    title, alt = chart_texts(columns, choice.show, language)
    pictures = {
        name: Picture(_picture(choice, "svg", size=name), size.width, height_of(columns, size))
        for name, size in SIZES.items()
    }
    sources = gettext("、").join(
        str(column.entry["title"].get(language, column.entry["title"]["ja"])) for column in columns
    )
    return Chart(
        title=title,
        alt=alt,
        caption=gettext("単位は事業。件数の根拠は棒の模様と凡例のとおり。資料: %(sources)s",
                        sources=sources),
        wide=pictures["wide"],
        narrow=pictures["narrow"],
        rows=(),
    )  # fmt: skip


def _years(entries: Sequence[Entry]) -> list[int]:
    return sorted({int(entry["year"]) for entry in entries}, reverse=True)


def _show_name(show: Show) -> str:
    name: str = {
        Show.COUNT: gettext("件数"),
        Show.SHARE: gettext("割合（掲載事業に占める）"),
        Show.PER_100: gettext("100事業あたり"),
    }[show]
    return name


def _offered(entries: Sequence[Entry], language: str) -> list[Literal]:
    names = {entry["code"]: _municipality(entry, language) for entry in entries}
    return [names[code] for code in sorted(names)] if len(names) <= MOST_OFFERED else []


def _municipality(entry: Entry, language: str) -> Literal:
    names = entry["municipality"]
    chosen = language if language in names else "ja"
    return Literal(names[chosen], lang=chosen)


def _name_of(code: str, found: Comparison, language: str) -> Literal:
    entry = next(entry for entry in found.entries if entry["code"] == code)
    return _municipality(entry, language)


def _neighbours(found: Comparison, language: str) -> list[Neighbour]:
    """The nearest to the first column."""
    if not found.columns:
        return []
    near = nearest(found.columns[0].entry, found.entries)
    return [_neighbour(one, found.choice, language) for one in near]


def _neighbour(near: Near, choice: Choice, language: str) -> Neighbour:
    return Neighbour(
        _municipality(near.entry, language),
        _with(choice, str(near.entry["code"])),
        _percent(near.distance),
        tuple((goal, _percent(a), _percent(b)) for goal, a, b in near.differences),
    )


def _percent(share: Fraction) -> Decimal:
    # half up, as people round
    return Decimal(int(share * 1000 + Fraction(1, 2))) / 10

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
from server.compare import Comparison, page_address
from server.compare.chart import SIZES, height_of, shown
from server.compare.choice import Choice, Entry, Show
from server.compare.columns import BASES, MOST_COLUMNS, Column, Kind
from server.compare.names import Names
from server.compare.nearest import Near, NoneNear, nearest
from server.compare.notes import notes_of
from server.compare.picture import can_draw_png
from server.compare.words import UNITS, chart_texts
from server.pages.charts import Chart, Picture
from server.pages.embed import Embed, embed_of, frameable, is_embedded
from server.pages.frame import Crumb, DataLink, Frame, Source, page, plan_entries
from server.pages.language import page_language
from server.pages.links import file, href, site
from server.pages.terms import goal_iri, term_labels

MOST_OFFERED = 200
"""So many municipalities are offered while a name is typed; of more the reader types the whole."""


FRAME_WIDTH_PX = 800
FRAME_PX, HEAD_PX, NOTE_PX, ROW_PX, LINE_PX = 200, 12, 70, 61, 24
"""Of a frame, measured in a browser: what is above the rows, more for each column and each note;
a row, and one more line in it."""
MANY = 4
"""So many columns are narrow."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a column: as it is shown, and each basis that says one."""

    number: Decimal | None
    is_exact: bool
    bases: tuple[tuple[str, Decimal, bool], ...]
    """Basis, number, and whether that is a lower bound."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; `title` is the plan's where municipality and year do not tell it."""

    column: Column
    name: Literal
    title: Literal | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A municipality that was chosen: its years, and the address of the comparison without it."""

    code: str
    name: Literal
    years: tuple[int, ...]
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
    known = found.names
    near = _neighbours(found, known, language)
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
    embed = _embed(found, title) if columns else None
    is_frame = embed is not None and is_embedded()
    response = page(
        "compare-embed.html" if is_frame else "compare.html",
        frame,
        title=title,
        choice=choice,
        chosen=[_chosen(code, found, known, language) for code in choice.codes],
        heads=[_head(column, language) for column in columns],
        rows=[(goal, _goal_name(goal, language), _cells(columns, goal, choice)) for goal in GOALS],
        notes=notes_of(columns),
        language_place=0 if language == "ja" else 1,
        chart=_chart(found, language) if columns else None,
        years=_years(found.entries, choice),
        show_name=_show_name(choice.show),
        shows=[(show, _show_name(show)) for show in _offered_shows(choice)],
        offered=_offered(found.entries, known, language),
        unclear=[
            (one.text, [(_name_of(code, found, known, language), _with(choice, code)) for code in
                        one.suggested])
            for one in choice.unclear
        ],
        read_as=[
            (text, code, _name_of(code, found, known, language)) for text, code in choice.read_as
        ],
        absent=[
            (_name_of(code, found, known, language), year) for code, year in choice.absent
        ],
        left_out=[
            (known.municipality(e, language), e["year"], known.title(e, language))
            for e in choice.left_out
        ],
        most=MOST_COLUMNS,
        held=len({entry["code"] for entry in found.entries}),
        made_up=any(column.is_made_up for column in columns),
        png=can_draw_png(),
        picture_query=choice.query(),
        nearest_of=columns[0] if columns else None,
        neighbours=near if isinstance(near, list) else [],
        none_near=near if isinstance(near, NoneNear) else None,
        hides_estimates=any(
            column.kind is Kind.PUBLISHED and "expected" in column.counts for column in columns
        ),
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


def _embed(found: Comparison, title: str) -> Embed:
    choice, columns = found.choice, found.columns
    language = page_language()
    names = gettext("・").join(column.label(language) for column in columns)
    path, height = f"compare?{choice.query()}", _frame_height(found, language)
    return embed_of(path, f"{title} {names}", height, FRAME_WIDTH_PX)


def _chosen(code: str, found: Comparison, known: Names, language: str) -> Chosen:
    codes = tuple(other for other in found.choice.codes if other != code)
    years = (column.year for column in found.columns if column.entry["code"] == code)
    return Chosen(
        code,
        _name_of(code, found, known, language),
        tuple(dict.fromkeys(years)),
        _to(found.choice.query(codes=codes)),
    )


def _head(column: Column, language: str) -> Head:
    return Head(
        column, column.name(language), column.title(language), href(column.entry["iri"])
    )  # fmt: skip


def _to(query: str) -> str:
    return site("compare", query)


def _with(choice: Choice, code: str) -> str:
    return _to(choice.query(codes=(*choice.codes, code)))


def _cells(columns: Sequence[Column], goal: int, choice: Choice) -> list[Cell]:
    cells = []
    for column in columns:
        bases = [
            (basis, column.counts[basis][goal], column.certainty(basis) == "at-least")
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


def _frame_height(found: Comparison, language: str) -> int:
    """The height in px at which a frame FRAME_WIDTH_PX wide shows the table whole.

    The bases of a number take the more lines the narrower the columns are. In a narrower frame
    rows are higher. Notes and chart follow the table; frames scroll.
    """
    columns, choice = found.columns, found.choice
    most = max(len(cell.bases) for goal in GOALS for cell in _cells(columns, goal, choice))
    if language != "ja" and len(columns) >= MANY and most > 1:
        lines = 2 * most - 1  # English bases take two lines each in narrow columns
    else:
        lines = max(0, min(most, len(columns)) - 1)
    told = len(choice.absent) + len(choice.read_as) + bool(choice.left_out)
    above = FRAME_PX + HEAD_PX * len(columns) + NOTE_PX * told
    return above + len(GOALS) * (ROW_PX + LINE_PX * lines)


def _chart(found: Comparison, language: str) -> Chart:
    columns, choice = found.columns, found.choice
    texts = chart_texts(columns, choice, found.entries, language, page_address(choice, language))
    pictures = {
        name: Picture(
            _picture(choice, "svg", size=name),
            size.width,
            height_of(columns, choice.show, size, language, texts),
        )
        for name, size in SIZES.items()
    }
    sources = gettext("、").join(
        str(column.entry["title"].get(language, column.entry["title"]["ja"])) for column in columns
    )
    where = gettext("全数値は上の表。")
    return Chart(
        title=texts.title,
        alt=f"{texts.description}{where}",
        caption=gettext("単位は%(unit)s。件数の根拠は棒の模様と凡例のとおり。資料: %(sources)s",
                        unit=UNITS[choice.show][0 if language == "ja" else 1],
                        sources=sources),
        wide=pictures["wide"],
        narrow=pictures["narrow"],
        rows=(),
    )  # fmt: skip


def _years(entries: Sequence[Entry], choice: Choice) -> list[int]:
    held = {int(entry["year"]) for entry in entries}
    return sorted(held | set(choice.years), reverse=True)


def _offered_shows(choice: Choice) -> list[Show]:
    """Shares and projects per 100 are the same numbers: one of them is enough to choose from."""
    return [show for show in Show if show is not Show.PER_100 or show is choice.show]


def _show_name(show: Show) -> str:
    name: str = {
        Show.COUNT: gettext("件数"),
        Show.SHARE: gettext("割合（掲載100事業あたり、％）"),
        Show.PER_100: gettext("100事業あたり"),
    }[show]
    return name


def _offered(entries: Sequence[Entry], known: Names, language: str) -> list[tuple[str, Literal]]:
    """What the field takes for each municipality, and what people read: its name, or its code
    and name where the name is not enough."""
    names = {str(entry["code"]): known.municipality(entry, language) for entry in entries}
    if len(names) > MOST_OFFERED:
        return []
    return [(c if c in known.codes else str(names[c]), names[c]) for c in sorted(names)]


def _name_of(code: str, found: Comparison, known: Names, language: str) -> Literal:
    entry = next(entry for entry in found.entries if entry["code"] == code)
    return known.municipality(entry, language)


def _neighbours(found: Comparison, known: Names, language: str) -> list[Neighbour] | NoneNear:
    """The nearest to the first column, without those that stand beside it; else why there are
    none."""
    if not found.columns:
        return []
    near = nearest(found.columns[0].entry, found.entries, found.choice.codes)
    if isinstance(near, NoneNear):
        return near
    return [_neighbour(one, found.choice, known, language) for one in near]


def _neighbour(near: Near, choice: Choice, known: Names, language: str) -> Neighbour:
    return Neighbour(
        known.municipality(near.entry, language),
        _with(choice, str(near.entry["code"])),
        _percent(near.distance),
        tuple((goal, _percent(a), _percent(b)) for goal, a, b in near.differences),
    )


def _percent(share: Fraction) -> Decimal:
    # half up, as people round
    return Decimal(int(share * 1000 + Fraction(1, 2))) / 10

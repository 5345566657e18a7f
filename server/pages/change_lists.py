"""The lists of what plans changed: /changes of all municipalities, /changes/{code} of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext
from rdflib import Literal
from werkzeug.exceptions import NotFound

from server.compare.names import Names, names_of
from server.pages.changes import changes_url, label
from server.pages.collection import MOST_LISTED
from server.pages.frame import Crumb, Frame, page, plan_entries
from server.pages.kept import kept
from server.pages.language import page_language
from server.pages.links import href, site
from server.pages.prefectures import prefecture_of

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """A plan with its page of changes; `has_earlier`: the plan of the year before is held too."""

    url: str | None
    year: int
    title: Literal
    plan_url: str | None
    has_earlier: bool

    @property
    def before(self) -> int:
        return self.year - 1


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality with its plans, the newest first."""

    name: Literal
    url: str
    prefecture: Literal | None
    is_made_up: bool
    plans: tuple[Listed, ...]


def register_change_lists(blueprint: Blueprint) -> None:
    """Add the routes."""
    blueprint.add_url_rule("/changes", "change_list", all_changes_page)
    blueprint.add_url_rule("/changes/<code>", "changes_of", changes_of_page)


def all_changes_page() -> Response:
    """Every plan's changes, by municipality; of many municipalities their own lists."""
    title, entries = gettext("計画の変更の一覧"), plan_entries()
    known = names_of(entries)
    by_code: dict[str, list[Entry]] = {}
    for entry in entries:
        by_code.setdefault(str(entry["code"]), []).append(entry)
    places = [_place(by_code[code], known) for code in sorted(by_code)]
    frame = Frame(
        title=[title],
        crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
        path="changes",
        plans=entries,
        description=gettext("実施計画が前の年度から変えたこと: 市区町村と年度の一覧。"),
    )
    return _answer(frame, title, places, is_short=len(places) > MOST_LISTED)


def changes_of_page(code: str) -> Response:
    """The changes of the plans of one municipality."""
    held = plan_entries()
    own = [entry for entry in held if entry["code"] == code]
    if not own:
        raise NotFound
    place = _place(own, names_of(held))
    title = gettext("計画の変更の一覧")
    frame = Frame(
        title=[title, place.name],
        crumbs=[
            Crumb(gettext("ホーム"), site("")),
            Crumb(title, site("changes")),
            Crumb(place.name),
        ],
        path=f"changes/{code}",
        municipality=place.name,
        plans=own,
    )
    return _answer(frame, title, [place], is_short=False)


def _answer(frame: Frame, title: str, places: Sequence[Place], is_short: bool) -> Response:
    made_up = any(place.is_made_up for place in places)
    return kept(
        page(
            "change_lists.html", frame, title=title, places=places, is_short=is_short,
            made_up=made_up,
        )
    )  # fmt: skip


def _place(plans: Sequence[Entry], known: Names) -> Place:
    language, first = page_language(), plans[0]
    years = {(entry["slug"], int(entry["year"])) for entry in plans}
    ordered = sorted(plans, key=lambda entry: (-int(entry["year"]), str(entry["slug"])))
    return Place(
        known.municipality(first, language),
        site(f"changes/{first['code']}"),
        None if first.get("made_up") else prefecture_of(str(first["code"])),
        bool(first.get("made_up")),
        tuple(
            Listed(
                changes_url(entry),
                int(entry["year"]),
                label(entry["title"], language),
                href(entry["iri"]),
                (entry["slug"], int(entry["year"]) - 1) in years,
            )
            for entry in ordered
        ),
    )

"""What a plan changed against the year before, for its page: lists, balance, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from rdflib import URIRef

from kg.vocab import SP
from kg.year_changes import NEW, Entry, YearChanges
from server.comparison import compare_years, year_before
from server.context import context
from server.pages import queries
from server.pages.charts import Chart, charts_of
from server.pages.facts import Facts
from server.pages.reconciliation import (
    Cell,
    Step,
    balance_steps,
    balance_table,
    current_of,
)
from server.pages.reviews import change_rows
from server.pages.year_rows import Kept, Listed, Named, Showing, TargetChange


def _(text: str) -> str:
    return text


ENDED_NAMES = {
    SP["status-completed"]: _("完了"),
    SP["status-abolished"]: _("廃止"),
    SP["status-completed-or-abolished"]: _("完了・廃止"),
    SP["status-routine"]: _("経常"),
    SP["status-merged"]: _("統合"),
}
"""The kinds of leaving the list, in the order in which the documents name them."""
ENDED_KINDS = tuple(ENDED_NAMES)
ENDED_ITEMS = {
    SP["item-completed-or-abolished"]: (_("完了・廃止"), ENDED_KINDS[:3]),
    SP["item-routine"]: (_("経常"), ENDED_KINDS[3:4]),
    SP["item-merged"]: (_("統合"), ENDED_KINDS[4:]),
}
"""The columns of the printed balance, with the kinds of the review list that each counts."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A row of the reconciliation; None = that source cannot say.

    `published` is what the table prints, `listed` what the review list has, `found` what comes
    out when the lists of both years are held against each other.
    """

    name: str
    published: Cell | None
    listed: int | None
    found: int | None
    split: tuple[tuple[str, int], ...] = ()
    """`listed` by kind, where the table prints one number for two kinds."""


@dataclass(frozen=True, slots=True)
class YearPart:
    """All that the page tells of two years; the last fields are empty if nothing was compared."""

    year: int
    earlier: Mapping[str, Any] | None
    """The plan of the year before in release.json, if it is held."""
    changes: YearChanges
    has_list: bool
    """Whether the document has a review list, or a balance that says there is nothing to list."""
    total: Mapping[URIRef, Cell | None]
    """What the table prints in total, by item."""
    ended_total: int | None
    now_total: int | None
    is_computed: bool
    """Whether `now_total` is new and continued together: not every table prints the sum."""
    balance: Mapping[str, Any] | None
    steps: Sequence[Step]
    chart: Chart | None
    new: Sequence[Named]
    ended: Sequence[tuple[str, Sequence[Named]]]
    only_now: Sequence[Listed]
    only_before: Sequence[Listed]
    kept: Sequence[Kept]
    targets: Sequence[TargetChange]
    targets_in_both: int
    estimates: Sequence[TargetChange]
    """Changed values that the document of either year calls estimates; counted apart."""
    estimates_in_both: int
    counted: Sequence[Counted]

    @property
    def before(self) -> int:
        return self.year - 1

    @property
    def ended_count(self) -> int:
        return sum(len(named) for _, named in self.ended)

    @property
    def raised(self) -> int:
        return sum(change.difference.startswith("＋") for change in self.targets)

    @property
    def other_units(self) -> list[Kept]:
        return [one for one in self.kept if one.has_other_unit]

    @property
    def continued(self) -> int | None:
        """How many were carried on, by the printed totals; None where they print that number."""
        new = self.printed("new-or-added")
        if self.is_computed or self.now_total is None or new is None or new.count is None:
            return None
        return self.now_total - new.count

    def printed(self, item: str) -> Cell | None:
        """What the table prints in total, such as `previous`."""
        return self.total.get(SP[f"item-{item}"])


def year_part(entry: Mapping[str, Any], language: str) -> YearPart | None:
    """The plan in release.json against the year before; None if it was withdrawn."""
    changes = compare_years(entry)
    if changes is None:
        return None
    engine, plan = context().engine, URIRef(entry["iri"])
    tables = Facts(engine.select(queries.TABLES_OF_PLAN, {"plan": plan}))
    city = URIRef(str(plan).partition("/plan/")[0])
    show = Showing(Facts(engine.select(queries.UNIT_TREE, {"municipality": city})), language)
    rows = {row["iri"]: row for row in change_rows(tables, language)}
    balance = balance_table(tables, plan, language)
    total = _total(balance)
    now_total, is_computed = current_of({item: c.count for item, c in total.items() if c})
    new, ended = (show.named(entries, rows) for entries in (changes.new, changes.ended))
    by_kind = [
        (gettext(name), [one for one in ended if one.review["kind_iri"] == kind])
        for kind, name in ENDED_NAMES.items()
    ]
    return YearPart(
        year=entry["year"],
        earlier=year_before(entry),
        changes=changes,
        has_list=bool(rows) or balance is not None,
        total=total,
        ended_total=_ended_total(total),
        now_total=now_total,
        is_computed=is_computed,
        balance=balance,
        steps=balance_steps(balance),
        chart=charts_of(entry, language).get("balance"),
        new=new,
        ended=[(name, found) for name, found in by_kind if found],
        only_now=show.unexplained(changes.new),
        only_before=show.unexplained(changes.ended),
        kept=[show.kept(one) for one in changes.carried_on],
        targets=[change for one in changes.carried_on for change in show.targets(one)],
        targets_in_both=sum(len(one.targets) for one in changes.carried_on),
        estimates=[change for one in changes.carried_on for change in show.estimates(one)],
        estimates_in_both=sum(len(one.estimates) for one in changes.carried_on),
        counted=_counted(changes, total),
    )


def _total(balance: Mapping[str, Any] | None) -> dict[URIRef, Cell | None]:
    """The total row of the printed balance by item; empty without a table."""
    if balance is None:
        return {}
    items = (item for item, _name, _ended in balance["items"])
    return dict(zip(items, balance["total"], strict=True))


def _ended_total(total: Mapping[URIRef, Cell | None]) -> int | None:
    """How many are no longer listed by the printed totals; None if one of them is not known."""
    cells = [total[item] for item in ENDED_ITEMS if item in total]
    counts = [cell.count for cell in cells if cell is not None and cell.count is not None]
    return sum(counts) if counts and len(counts) == len(cells) else None


def _counted(changes: YearChanges, total: Mapping[URIRef, Cell | None]) -> list[Counted]:
    """The rows between the two totals, which the page itself names."""

    def row(name: str, item: URIRef, entries: Sequence[Entry], kinds: Sequence[URIRef]) -> Counted:
        told = [(e.review.kind, e) for e in entries if e.review and e.review.kind in kinds]
        by_kind = [(kind, sum(one == kind for one, _entry in told)) for kind in kinds]
        return Counted(
            gettext(name),
            total.get(item),
            len(told),
            sum(e.project is not None for _kind, e in told) if changes.compared else None,
            tuple((gettext(ENDED_NAMES[kind]), n) for kind, n in by_kind if n and len(kinds) > 1),
        )

    new = row(_("新規・追加の事業"), SP["item-new-or-added"], changes.new, [NEW])
    return [
        new,
        *(row(name, item, changes.ended, kinds) for item, (name, kinds) in ENDED_ITEMS.items()),
    ]

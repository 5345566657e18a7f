"""The review lists: projects that are new or added, and projects no longer listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.codes import meanings
from kg.errors import Problems, quoted
from kg.extract.cells import parse_status, split_account, without_tags
from kg.extract.layout import Layout
from kg.extract.rows import Row
from kg.extract.totals import TotalsReader
from kg.extract.units import UnitsReader
from kg.records import Change, Policy, Project, Status
from kg.text import clean, folded, name_key

NEW = (Status.NEW, Status.ADDED, Status.NEW_OR_ADDED)
REVIEWABLE = (
    Status.NEW_OR_ADDED,
    Status.COMPLETED,
    Status.ABOLISHED,
    Status.ROUTINE,
    Status.MERGED,
)


def _covered(kinds: Iterable[Status]) -> set[Status]:
    """The kinds of entries that a heading with these words covers."""
    covered = {Status.NEW_OR_ADDED if kind in NEW else kind for kind in kinds}
    if Status.COMPLETED_OR_ABOLISHED in covered:
        covered |= {Status.COMPLETED, Status.ABOLISHED}
    return covered


class ChangesReader:
    """Reads the review lists of one document; problems go to the shared list."""

    def __init__(
        self,
        totals: TotalsReader,
        policies: Mapping[str, Policy],
        units: UnitsReader,
        problems: Problems,
    ) -> None:
        self.totals = totals
        self.units = units
        self.policies = policies
        self.problems = problems
        self._seen: dict[tuple[str, str, str], Row] = {}

    def read(self, layouts: Iterable[Layout], projects: Iterable[Project]) -> tuple[Change, ...]:
        """The entries in document order, each tied to the listed project of its name."""
        listed = {name_key(p.name): p.key for p in projects if p.name}
        changes: list[Change] = []
        for layout in layouts:
            allowed = self._caption_kinds(layout)
            self.units.begin()
            for row in layout.rows:
                if row.is_blank:
                    continue
                change = self._change(len(changes) + 1, layout, row, allowed, listed)
                if change is not None:
                    changes.append(change)
        return tuple(changes)

    def _caption_kinds(self, layout: Layout) -> tuple[Status, ...]:
        """The kinds named by the text line above the table: 【完了・廃止・経常・統合】 -> four."""
        caption = layout.table.caption
        words = folded(caption.text).strip("【】[]()■◆#").split("・") if caption else []
        known = meanings("statuses", "printed", "status")
        kinds = tuple(Status(known[name_key(word)]) for word in words if name_key(word) in known)
        unknown = bool(kinds) and len(kinds) < len(words)
        if unknown or (not layout.indexes("kind") and len(_covered(kinds) & set(REVIEWABLE)) != 1):
            self.problems.add(
                "list-heading",
                layout.table.origin,
                found=quoted(clean(caption.text)) if caption else None,
            )
        return kinds

    def _change(
        self,
        order: int,
        layout: Layout,
        row: Row,
        allowed: tuple[Status, ...],
        listed: Mapping[str, str],
    ) -> Change | None:
        kind = self._kind(layout, row, allowed)
        policy = self._policy(layout, row)
        printed_name = without_tags(layout.cell(row, "name"))
        units = self.units.read(layout, row, split_account(printed_name)[0])
        printed_unit = units.printed
        for column, value in (("name", printed_name), ("unit", printed_unit)):
            if not value:
                self.problems.add(
                    "empty-entry-cell", row.origin, column=layout.heading(column), field=column
                )
        if kind is None or policy is None or not printed_name or not printed_unit:
            return None
        name = split_account(printed_name)[0]
        key = (kind.value, name_key(name), name_key(printed_unit))
        first = self._seen.setdefault(key, row)
        if first is not row:
            self.problems.add(
                "change-twice", row.origin, name=quoted(name), first=first.origin.where
            )
            return None
        project = listed.get(name_key(name)) if kind in NEW else None
        return Change(
            order,
            kind,
            name,
            printed_name,
            policy,
            units.unit,
            printed_unit,
            row.origin,
            project,
        )

    def _kind(self, layout: Layout, row: Row, allowed: tuple[Status, ...]) -> Status | None:
        if not layout.indexes("kind"):
            kinds = _covered(allowed) & set(REVIEWABLE)
            return kinds.pop() if len(kinds) == 1 else None
        text = layout.cell(row, "kind")
        status = parse_status(text) if folded(text) else None
        kind = Status.NEW_OR_ADDED if status in NEW else status
        if kind not in REVIEWABLE:
            self.problems.add(
                "unknown-kind", row.origin, column=layout.heading("kind"), text=quoted(clean(text))
            )
            return None
        if allowed and kind not in _covered(allowed):
            caption = layout.table.caption
            self.problems.add(
                "kind-and-heading",
                row.origin,
                column=layout.heading("kind"),
                text=quoted(clean(text)),
                heading=quoted(clean(caption.text)) if caption else "",
            )
        return kind

    def _policy(self, layout: Layout, row: Row) -> str | None:
        text = layout.cell(row, "policy")
        number = self.totals.policy_number(text) or (
            folded(text) if folded(text).isdecimal() else None
        )
        if number not in self.policies:
            self.problems.add(
                "unknown-policy",
                row.origin,
                column=layout.heading("policy"),
                text=quoted(clean(text)),
                policies=", ".join(self.policies) or "none",
            )
            return None
        return number

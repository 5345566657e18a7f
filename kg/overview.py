"""What was read from a plan, as text for a terminal; nothing here decides anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from prettytable import PrettyTable

from kg.checking import CheckedPlan
from kg.origin import Origin, is_counted_in_rows
from kg.records import Balance, Item, Plan, Project, TargetKind

if TYPE_CHECKING:
    from kg.pipeline import Outcome


def overview(checked: CheckedPlan, *, brief: bool) -> str:
    """The plan as it was read: totals and, unless `brief`, every table and project with lines."""
    plan = checked.extraction.plan if checked.extraction else None
    if checked.settings is None or plan is None:
        return f"{checked.folder}: nothing could be read."
    lines = [f"{checked.settings['plan.title']['ja']}  ({plan.document}, {_size(plan)})"]
    lines += [f"  {name}: {value}" for name, value in (*_totals(plan), *_measures(plan))]
    lines += [f"  {sentence}" for sentence in checked.extraction.said]  # type: ignore[union-attr]
    if not brief:
        lines += ["", *_tables(plan)]
        lines += [f"  not used: {x.origin.where}: {x.text}" for x in checked.extraction.unused]  # type: ignore[union-attr]
    if checked.report is not None:
        warnings = Counter(result.constraint for result in checked.report.warnings)
        for constraint, count in sorted(warnings.items()):
            example = next(r for r in checked.report.warnings if r.constraint == constraint)
            lines.append(f"  {count} warnings {constraint}, such as: {example.sentence_en}")
    return "\n".join(lines)


def _size(plan: Plan) -> str:
    return f"{plan.line_count} {'rows' if is_counted_in_rows(plan.document) else 'lines'}"


def _place(origin: Origin) -> str:
    """The number of the line or row, with its sheet before it."""
    return f"{origin.sheet or ''} {origin.number or ''}".strip()


def _totals(plan: Plan) -> Iterable[tuple[str, str]]:
    numbers = [project.number for project in plan.projects if project.number]
    targets = [target for project in plan.projects for target in project.targets]
    units = {project.unit for project in plan.projects if project.unit}
    kinds = Counter(target.kind for target in targets)
    icons = [project.icon_count for project in plan.projects if project.icon_count is not None]
    yield (
        "projects",
        f"{len(plan.projects)}, numbered {min(numbers, default=0)} to {max(numbers, default=0)}"
        + (
            f" (published: {plan.project_count.count}, {plan.project_count.origin.where})"
            if plan.project_count
            else ""
        ),
    )
    yield "policies", ", ".join(f"{p.number} {p.name}" for p in plan.policies)
    yield (
        "units",
        (
            f"{len(units)} responsible units in a tree of {len(plan.units)} under "
            f"{sum(1 for unit in plan.units if unit.parent is None)} top units"
        ),
    )
    with_partners = [p for p in plan.projects if p.partners]
    if with_partners:
        partners = {unit for p in with_partners for unit in p.partners}
        yield "partners", f"{len(partners)} units beside others in {len(with_partners)} projects"
    yield (
        "targets",
        (
            f"{len(targets)} lines in {sum(1 for p in plan.projects if p.targets)} projects, "
            + ", ".join(f"{kinds[kind]} {kind}" for kind in TargetKind if kinds[kind])
        ),
    )
    stated = sum(len(project.stated_links) for project in plan.projects)
    yield (
        "goals",
        f"{sum(icons)} icons, {stated} stated links"
        + (
            f" (published links: {plan.link_count.count}, {plan.link_count.origin.where})"
            if plan.link_count
            else ""
        ),
    )
    of_policies = [
        f"policy {p.number}: {' '.join(str(link.goal) for link in p.stated_links)}"
        for p in plan.policies
        if p.stated_links
    ]
    if of_policies:
        yield "goals of policies", f"{'; '.join(of_policies)} (stated for no project)"


def _measures(plan: Plan) -> Iterable[tuple[str, str]]:
    """Amounts, indicators and achievements, each only where a document prints any."""
    budgets = [b for p in plan.projects for b in p.budgets]
    if budgets or plan.budget_totals:
        yield "budgets", f"{len(budgets)} amounts, {len(plan.budget_totals)} printed totals"
    indicators = [i for p in plan.projects for i in p.indicators]
    if indicators:
        values = sum(len(i.values) for i in indicators)
        yield "indicators", f"{len(indicators)} with {values} values"
    if plan.achievements:
        yield "achievements", f"{len(plan.achievements)} projects"
    if plan.report is not None:
        report, values = plan.report, sum(len(i.values) for _, i in plan.report.indicators)
        told = f"{len(report.achievements)} projects with a grade or text, {values} values"
        yield "report", f"{report.document}: {told}, {len(report.budgets)} amounts"


def _tables(plan: Plan) -> list[str]:
    parts = [_balance(plan.balances), _goal_counts(plan), _changes(plan), _projects(plan.projects)]
    return [*parts, *(f"  ※ {n.origin.where}: {n.text}" for n in plan.notes)]


def _balance(cells: Sequence[Balance]) -> str:
    items = [item for item in Item if any(cell.item is item for cell in cells)]
    table = PrettyTable(["policy", *items, "line"])
    rows = {cell.origin: cell.policy for cell in cells}
    for origin, policy in rows.items():
        row = {cell.item: cell for cell in cells if cell.origin == origin}
        table.add_row(
            [policy or "total", *(row[i].count if i in row else "" for i in items), _place(origin)]
        )
    return table.get_string()


def _goal_counts(plan: Plan) -> str:
    table = PrettyTable(["goal", "printed", "projects", "line"], align="l")
    for count in plan.goal_counts:
        table.add_row([count.goal, count.printed_label, count.count, _place(count.origin)])
    return table.get_string()


def _changes(plan: Plan) -> str:
    table = PrettyTable(["change", "policy", "name", "unit", "listed as", "line"], align="l")
    for c in plan.changes:
        unit = " ".join(c.unit.path) if c.unit else ""
        table.add_row([c.kind, c.policy, c.name, unit, c.listed or "", _place(c.origin)])
    return table.get_string()


def _projects(projects: Sequence[Project]) -> str:
    table = PrettyTable(
        ["No.", "name", "policy", "unit", "status", "icons", "goals", "targets", "lines"], align="l"
    )
    for p in projects:
        table.add_row(
            [
                p.number or "",
                p.name or "",
                p.policy or "",
                " ".join(p.unit.path) if p.unit else "",
                p.status,
                "" if p.icon_count is None else p.icon_count,
                " ".join(str(link.goal) for link in p.stated_links),
                len(p.targets),
                " ".join(filter(None, (p.origin.sheet, *map(str, p.lines)))),
            ]
        )
    return table.get_string()


def closing_table(outcome: Outcome) -> str:
    """One row per published plan, one line per kind of warning, and what is served now."""
    table = PrettyTable(
        [
            "plan",
            "projects",
            "goals",
            "targets",
            "stated",
            "curated",
            "triples",
            "warnings",
            "seconds",
        ],
        align="l",
    )
    for entry in outcome.entries:
        if entry["status"] == "withdrawn":
            table.add_row([entry["name"], "withdrawn", *[""] * 7])
            continue
        seconds = f"{sum(entry['seconds'].values()):.1f}" if outcome.release else ""
        table.add_row(
            [
                entry["name"],
                entry["projects"],
                entry["goals"],
                entry["targets"],
                entry["links"]["stated"],
                entry["links"]["curated"],
                entry["triples"],
                sum(entry["warnings"].values()),
                seconds,
            ]
        )
    lines = [table.get_string(), *_warnings(outcome.entries), *outcome.notes]
    if outcome.refused:
        lines.append(f"Refused: {', '.join(outcome.refused)}. Their last good versions stay.")
    if outcome.release:
        lines.append(f"Release {outcome.release.id} is served now.")
    elif outcome.unchanged:
        lines.append("Nothing changed since the current release.")
    else:
        lines.append("There is no new release.")
    return "\n".join(lines)


def _warnings(entries: Sequence[dict[str, Any]]) -> list[str]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update(entry["warnings"])
    return [f"{count} warnings {constraint}" for constraint, count in sorted(total.items())]

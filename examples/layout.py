"""One year's plan as the Markdown text that a conversion from PDF leaves behind.

The layout is that of data/plans/koriyama-2021/plan.md: totals, review lists, goal totals,
then the projects in tables that begin anew on every page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from dice import Dice
from municipality import ENDED, Line, Municipality, Project, Year
from style import Style, printed_goals
from words import GOAL_NAMES

NOTICE = "（架空の市町村の、見本のための計画。実在の市町村とは関係がない）"
GOALS = range(1, 18)
SEPARATORS = (" ", "：", "→", "")
ROWS_ON_A_PAGE = (5, 9)
PAGE_BREAK = [" "] * 5


def row(cells: Sequence[str]) -> str:
    """A table row; an empty cell is one blank, as in the converted document."""
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table with a blank line below it."""
    return [row(head), "|" + "---|" * len(head), *map(row, rows), ""]


class PlanDocument:
    """Prints one year's plan of a municipality."""

    def __init__(self, municipality: Municipality, style: Style, year: Year) -> None:
        self.municipality = municipality
        self.style = style
        self.year = year
        self.dice = Dice(f"{municipality.seed}/{year.year}")

    @property
    def title(self) -> str:
        return f"{self.municipality.name}{self.style.basic_plan[1]}"

    def states_goals(self, project: Project) -> bool:
        """Whether a project's goals are text, the same in every year; else icons were lost."""
        if self.style.links != "mixed":
            return self.style.links == "stated"
        return Dice(f"{self.municipality.seed}/{project.name}").chance(0.5)

    def text(self) -> str:
        """The whole document."""
        year, count = self.year.year, len(self.year.projects)
        links = sum(len(project.goals) for project in self.year.projects)
        taken = self.dice.pick(("取り組み", "取組"))
        lines = ["", "", f"第二次 {self.title}", "", f"{year} 年度実施計画", "", NOTICE, ""]
        lines += ["SUSTAINABLE DEVELOPMENT GOALS", "", f"【{year} 年度実施事業数 {count:,}】", ""]
        lines += self._balance()
        lines += ["※追加は、以前から実施している事業だが、本計画の趣旨に合致することから計画に追加"]
        lines += [" ※経常は、マネジメントサイクルによらず、経常的に実施する事業", ""]
        lines += self._new_list() + PAGE_BREAK + self._review_lists()
        lines += [f"【SDGsの{taken}数 のべ{links:,}】", ""]
        lines += self._goal_totals()
        lines += self._projects()
        return "\n".join(lines).rstrip() + "\n"

    # --- totals --------------------------------------------------------------------------

    def _balance(self) -> list[str]:
        """The balance per policy; in style "shifted" the heads stand one column too far left."""
        year = self.year.year
        current = Counter(project.policy for project in self.year.projects)
        new = Counter(project.policy for project in self.year.projects if project.is_new)
        ended = Counter((review.project.policy, review.kind) for review in self.year.reviews)
        figures = []
        for policy, before in enumerate(self.year.before, 1):
            over = ended[policy, "完了"] + ended[policy, "廃止"]
            others = (ended[policy, "経常"], ended[policy, "統合"])
            figures.append((current[policy], new[policy], before, over, *others))
        totals = tuple(map(sum, zip(*figures, strict=True)))
        form = self.style.balance
        if form == "shifted" and all(f[2] - sum(f[3:]) == f[1] for f in (*figures, totals)):
            form = "one-row"  # both readings of the heads would close
        gap = self.dice.pick((" ", ""))
        label = f"施策{gap}" if self.style.policy_mark != "基本方針" else "基本方針"
        names = [f"{label}{n}" for n in range(1, len(figures) + 1)] + [self.style.total_label]
        rows = []
        for name, (now, added, before, *over) in zip(names, (*figures, totals), strict=True):
            counts = [self._count(now), self._count(added), self._count(before)]
            if form == "continued":
                counts[:2] = self._count(added), self._count(now - added)
            rows.append([name, *counts, *(self._count(n, self.style.minus) for n in over)])
        kinds = ["完了・廃止", "経常", "統合"]
        if form == "one-row":
            return table(
                ["", f"{year}年度事業数", "新規・追加", f"{year - 1}年度事業数", *kinds], rows
            )
        top = ["", f"{year} 年度事業数", "", f"{year - 1} 年度 事業数", "見直し状況", "", ""]
        below = ["", "新規・追加", "継続", "", *kinds]
        if form == "two-rows":
            top[2], below[1:3] = "新規・追加", ["", ""]
        return table(top, [below, *rows])

    def _count(self, count: int, minus: str = "") -> str:
        return f"{minus}{count:,}" if count else self.dice.pick(("-", "-", "-", ""))

    def _goal_totals(self) -> list[str]:
        totals = Counter(goal for project in self.year.projects for goal in project.goals)
        if self.style.goal_labels == "numbers":
            return table(["ゴール", "件数"], [[f"ゴール{n}", str(totals[n])] for n in GOALS])
        pairs = [[f"{GOAL_NAMES[n - 1]} ", f"{totals[n]:,}"] for n in GOALS]
        if self.style.goal_labels == "names":
            return table(["SDGs ゴール", "事業数"], pairs)
        rows = [
            [*left, *right] for left, right in zip(pairs[:9], [*pairs[9:], ["", ""]], strict=True)
        ]
        return table(["SDGs ゴール", "事業数"] * 2, rows)

    # --- review lists --------------------------------------------------------------------

    def _new_list(self) -> list[str]:
        new = [project for project in self.year.projects if project.is_new]
        lines = ["【新規・追加】", ""]
        if not new:
            return [*lines, "該当なし", ""]
        rows = [[self._policy(p), self._spaced(p.name), self._spaced("".join(p.unit))] for p in new]
        return lines + PAGE_BREAK + table(["施策", "事業名", "担当課"], rows)

    def _review_lists(self) -> list[str]:
        reviews = self.year.reviews
        if self.style.review_lists == "one list":
            rows = [
                [self._policy(r.project), r.project.name, r.kind, "".join(r.project.unit)]
                for r in reviews
            ]
            lines = ["【完了・廃止・経常・統合】", ""]
            head = ["施策", "事業名", "区分", "担当課"]
            return lines + (table(head, rows) if rows else ["該当なし", ""])
        lines = []
        for kind in ENDED:
            ended = [review.project for review in reviews if review.kind == kind]
            if ended:
                rows = [[self._policy(p), p.name, "".join(p.unit)] for p in ended]
                lines += [f"【{kind}】", "", *table(["施策", "事業名", "担当課"], rows)]
        return lines

    def _policy(self, project: Project) -> str:
        mark = "基本方針" if self.style.policy_mark == "基本方針" else "施策 "
        return f"{mark}{project.policy}"

    def _spaced(self, text: str) -> str:
        """The text with blanks that a conversion leaves around Latin letters, now and then."""
        if not self.dice.chance(0.5):
            return text
        return text.replace("DX", "D X ").replace("SDGs", "SDGs ")

    # --- projects ------------------------------------------------------------------------

    def _projects(self) -> list[str]:
        dice, lines, left, wide, page = self.dice, [], 0, False, 0
        policy = 0
        for number, project in enumerate(self.year.projects, 1):
            if project.policy != policy or left == 0:
                if page:
                    lines += self._page_end(page)
                page += 1
                left = dice.between(*ROWS_ON_A_PAGE)
                wide = dice.chance(self.style.wide_rate)
                lines += self._head(wide)
            if project.policy != policy:
                policy = project.policy
                gap = dice.pick((" ", ""))
                heading = f"◆{self.style.policy_mark}{gap}{policy} "
                heading += self.municipality.policy_name(policy)
                lines.append(row([heading, *[""] * (7 if wide else 5)]))
            lines += self._rows(number, project, wide)
            left -= 1
        return lines

    def _page_end(self, page: int) -> list[str]:
        """The end of a page: every other one has a footer, some leave blank lines."""
        blanks = [" "] * self.dice.between(0, 3)
        if page % 2 == 0:
            return ["", *blanks, f"{self.title}_{self.year.year}年度実施計画（架空）", ""]
        return ["", *blanks]

    def _head(self, wide: bool) -> list[str]:
        style, year = self.style, self.year.year
        shown = self.dice.pick((f"（{year}）", f" ({year})"))
        cells = [style.number_head, "新規", style.name_head, f"{style.text_head}{shown}"]
        cells += [style.unit_head, style.goals_head, *["", ""][: 2 if wide else 0]]
        return table(cells, [])[:2]

    def _rows(self, number: int, project: Project, wide: bool) -> Iterator[str]:
        """The rows of a project: its own, and perhaps blank ones above and goals below."""
        dice = self.dice
        columns = 3 if wide else 1
        if dice.chance(0.02):
            yield row([""] * (5 + columns))
        start = row(
            [
                str(number),
                "新規" if project.is_new else "",
                project.printed_name,
                self._text(project),
                "".join(project.unit),
            ]
        )
        goals, below = project.goals, ()
        if len(goals) > 2 and dice.chance(0.3):
            goals, below = goals[:-1], goals[-1:]
        states = self.states_goals(project)
        yield start + self._goal_cells(goals, columns, states)
        if below:
            yield row([""] * 5) + self._goal_cells(below, columns, states)

    def _goal_cells(self, goals: tuple[int, ...], columns: int, states: bool) -> str:
        """The goals in their columns: as text in the first, or n+1 blanks for n lost icons."""
        if states:
            text = printed_goals(goals, self.style.notation)
            return "|".join([f" {text} " if text else " ", *[" "] * (columns - 1)]) + "|"
        icons = [0] * columns
        for _ in goals:
            icons[self.dice.between(0, columns - 1)] += 1
        return "|".join(" " * (count + 1) for count in icons) + "|"

    def _text(self, project: Project) -> str:
        """The plan text with its ○ lines, at times with the tags that a conversion left."""
        sentences = list(project.sentences)
        for review in self.year.reviews:
            if review.merged_into == project.name:
                sentences.append(f"「{review.project.name}」の取り組みを引き継ぎます。")
        lines = [f"○{self._line(line)}" for line in project.lines]
        if not self.dice.chance(self.style.tag_rate):
            return " ".join(["".join(sentences), *lines])
        parts = [f"<p>{sentence}</p>" for sentence in sentences]
        if lines:
            parts += ['<ul style="list-style-type: none">', *lines]
        return " ".join(parts)

    def _line(self, line: Line) -> str:
        if line.value is None:
            return line.label
        figure = f"{line.value:,}{line.unit}"
        if self.dice.chance(0.04):
            return f"{line.label}（令和{self.year.year - 2018}年度推定 {figure}）"
        if self.dice.chance(0.03):
            return f"{line.label}の拡大（{self.year.year + 3}年度までに{figure}）"
        separator = self.style.separator
        return (
            line.label
            + (self.dice.pick(SEPARATORS) if separator == "varied" else separator)
            + figure
        )

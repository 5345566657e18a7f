"""The tables and the goals, from rates."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from http_compare import CLIENTS, Cell
from http_data import Query


def print_rates(
    queries: Sequence[Query], names: Sequence[str], rates: Mapping[Cell, float]
) -> None:
    """Requests a second, and ours as a multiple of each peer's."""
    peers = names[1:]
    print(f"\n| query | load | clients | {' | '.join(f'{name} /s' for name in names)} | "
          f"{' | '.join(f'× {peer}' for peer in peers)} |")  # fmt: skip
    print("|---|---|" + "---:|" * (1 + len(names) + len(peers)))
    for query in queries:
        for clients in CLIENTS:
            row = [rates[Cell(query.name, clients, name)] for name in names]
            cells = [query.name, "heavy" if query.is_heavy else "light", str(clients)]
            cells += [f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}" for rate in row]
            cells += [f"{row[0] / rate:.2f}" for rate in row[1:]]
            print(f"| {' | '.join(cells)} |")
    print()


def print_goals(
    queries: Sequence[Query], names: Sequence[str], rates: Mapping[Cell, float], twin: str
) -> None:
    """Geometric means beside their goals; `twin` is the Oxigraph with our kind of store."""
    ours = names[0]

    def ratios(chosen: Iterable[Query], peer: str) -> list[float]:
        return [
            rates[Cell(query.name, clients, ours)] / rates[Cell(query.name, clients, peer)]
            for query in chosen
            for clients in CLIENTS
        ]

    for peer in (name for name in names if name.startswith("oxigraph")):
        is_twin = peer == twin
        for word, goal in (("light", 0.6), ("heavy", 0.95)):
            found = ratios([q for q in queries if q.is_heavy == (word == "heavy")], peer)
            if found:
                tell(f"{word} × {peer}", geometric_mean(found), goal if is_twin else None)
    if "rdflib-endpoint" in names:
        found = ratios(queries, "rdflib-endpoint")
        tell("all × rdflib-endpoint", geometric_mean(found), 20)
        tell("least × rdflib-endpoint", min(found), 3)
    if "virtuoso" in names:
        for query in queries:
            found = ratios([query], "virtuoso")
            goal = 1.0 if query.name == "q5" else None
            tell(f"{query.name} × virtuoso", geometric_mean(found), goal)


def tell(
    what: str, found: float, goal: float | None, at_most: bool = False, unit: str = ""
) -> None:
    """One line: what was found, and whether it keeps to the goal if there is one."""
    line = f"{what}: {found:.3g}{unit}"
    if goal is not None:
        is_kept = found <= goal if at_most else found >= goal
        line += f" (goal: {'at most' if at_most else 'at least'} {goal:g}{unit}; "
        line += "kept)" if is_kept else "MISSED)"
    print(line, flush=True)


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))

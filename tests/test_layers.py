"""The import order of the packages, the length of files, and what each layer may reach for.

A module may import its own layer and the ones above it in the tables, never one below.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE_LINES = 350

KG_LAYERS = (
    {"origin", "vocab", "text", "folding", "resources", "query_text", "query_outer", "printed"},
    {"errors", "program"},
    {"settings", "plan_fields", "plan_settings", "records", "measures", "estimates"},
    {"iris", "goals", "codes"},
    {"prefectures", "goal_cells", "municipalities"},
    {"goal_words", "margins"},
    {"entropy"},
    {"extract", "candidates", "mapping"},
    {"validators"},
    {"sentences"},
    {"validation"},
    {"checking"},
    {"columns", "column_kinds", "measure_columns", "term_text", "answer_out"},
    {"writers"},
    {"tables", "measure_tables", "csvw"},
    {"candidate_table"},
    {"dumps", "disk", "quads", "processes"},
    {"quotes", "figures"},
    {"store", "remote", "store_update"},
    {
        *("statistics", "search_entries", "search_index", "changes", "counts", "examples"),
        *("renames", "charts", "yearly_lists", "year_changes"),
    },
    {"change_words"},
    {"change_sentences"},
    {"catalog"},
    {"release"},
    {"history"},
    {"events"},
    {"manifest"},
    {"plan_builds", "carry_over", "plan_keys", "earlier_year"},
    {
        *("pipeline", "harvest", "push", "push_command", "ask", "overview", "export", "curation"),
        "proposal",
    },
    {"cli", "__main__"},
)
NEVER_SEE_EACH_OTHER = {"extract", "candidates", "mapping"}

SERVER_LAYERS = (
    {
        *("errors", "negotiation", "spreadsheet", "guard", "wire", "hooks", "cache", "current"),
        *("process", "failures", "lanes", "spool", "tally", "observation", "logs", "connections"),
        *("timed_socket", "nurseries", "nesting", "copying"),
        *("refusals", "outbound", "relay", "conditions"),
    },
    {"worker", "nursery", "slot", "engine", "engine_remote", "standing"},
    {"answers", "metrics"},
)
SERVER_TAKES_FROM_KG = {
    *("store", "remote", "release", "iris", "vocab", "settings", "errors"),
    "goals",  # which there are
    "estimates",  # the words for probabilities
    "prefectures",  # their names
    "text",  # its rule for cells of spreadsheets
    "resources",  # the pages show ontology/ itself
    *("catalog", "counts", "figures", "examples"),  # descriptions follow the server's own address
    *("folding", "search_entries", "search_index"),  # the index is searched, the finds marked
    "program",  # its version, told to endpoints that are called
    *(
        "history",
        "events",
        "changes",
        "change_sentences",
        "year_changes",
        "yearly_lists",
        "writers",
    ),  # versions and years are compared when someone asks
    "quotes",  # the document's own lines, as printed
    *("query_text", "query_outer"),  # the guard looks at queries token by token
}
STORE_ENGINE_USERS = {
    *("kg/store.py", "kg/store_update.py", "kg/writers.py", "kg/term_text.py"),
    "kg/remote/answers.py",  # reads and writes the forms of answers
}
HEAVY = {"rdflib", "pyshacl", "shacl", "flask", "pyoxigraph", "SPARQLWrapper"}


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    """The full names of all modules a file imports, also inside functions."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            names |= {base or "", *(f"{base}.{alias.name}" for alias in node.names)}
    return names


def imported_rooms(path: Path, package: str) -> set[str]:
    """The modules or sub-packages of `package` that a file imports, by first name below it."""
    rooms = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py"}
    rooms |= {path.name for path in (ROOT / package).iterdir() if path.is_dir()}
    parts = (name.split(".") for name in imports_of(path))
    return {part[1] for part in parts if len(part) > 1 and part[0] == package and part[1] in rooms}


def room_of(path: Path) -> str:
    """The module or sub-package that a file of kg or server belongs to."""
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


def layer_of(room: str, layers: tuple[set[str], ...]) -> int | None:
    return next((place for place, layer in enumerate(layers) if room in layer), None)


def test_every_module_of_kg_has_a_layer() -> None:
    rooms = {room_of(path) for path in python_files("kg")} - {"__init__"}
    assert sorted(rooms - set().union(*KG_LAYERS)) == []


def test_kg_imports_only_upwards() -> None:
    wrong = []
    for path in python_files("kg"):
        room = room_of(path)
        if room == "__init__":
            continue
        own = layer_of(room, KG_LAYERS)
        for other in sorted(imported_rooms(path, "kg")):
            theirs = layer_of(other, KG_LAYERS)
            strangers = {room, other} <= NEVER_SEE_EACH_OTHER and room != other
            if own is None or theirs is None or theirs > own or strangers:
                wrong.append(f"{path.relative_to(ROOT)} imports kg.{other}")
    assert wrong == []


def test_server_imports_only_upwards_and_takes_little_from_kg() -> None:
    wrong = []
    for path in python_files("server"):
        own = layer_of(room_of(path), SERVER_LAYERS)
        for other in sorted(imported_rooms(path, "server")):
            theirs = layer_of(other, SERVER_LAYERS)
            if own is not None and (theirs is None or theirs > own):
                wrong.append(f"{path.relative_to(ROOT)} imports server.{other}")
        for other in sorted(imported_rooms(path, "kg") - SERVER_TAKES_FROM_KG):
            wrong.append(f"{path.relative_to(ROOT)} imports kg.{other}")
    assert wrong == []


def test_kg_never_imports_server() -> None:
    assert [str(path) for path in python_files("kg") if imported_rooms(path, "server")] == []


def test_only_store_and_writers_import_the_store_engine() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("kg", "server")
        if any(name.split(".")[0] == "pyoxigraph" for name in imports_of(path))
    }
    assert users <= STORE_ENGINE_USERS


def test_nothing_in_kg_is_random() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files("kg")
        for name in sorted(imports_of(path) & {"random", "secrets", "uuid"})
    ]
    assert wrong == []


def test_no_python_file_is_longer_than_350_lines() -> None:
    long = {}
    for path in python_files("kg", "server", "tests", "docs", "benchmarks", "ontology"):
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE_LINES:
            long[path.relative_to(ROOT).as_posix()] = lines
    assert long == {}


@pytest.mark.skipif(not list((ROOT / "kg").glob("cli*")), reason="kg/cli.py is not written yet")
def test_help_is_shown_without_heavy_modules() -> None:
    script = (
        "import sys\n"
        "from kg.cli import main\n"
        "sys.argv = ['sdgplan', '--help']\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "[]"

"""Where the files lie that belong to the program: the ontology and the code tables.

In the repository (and an editable install) they are the folders `ontology/` and `data/codes/`;
a wheel carries the same files as `kg/_ontology/` and `kg/_codes/` (see pyproject.toml).
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def ontology_dir() -> Path:
    """The folder of terms.ttl, shapes.ttl, goals.ttl and queries/."""
    return _folder("_ontology", "ontology")


def codes_dir() -> Path:
    """The folder of headings.csv, goal-names.csv, goal-words.csv and municipalities.csv."""
    return _folder("_codes", "data/codes")


def guides_dir() -> Path:
    """The folder of the guides for people, `{name}.{language}.md`."""
    return _folder("_guides", "docs/guides")


def _folder(packaged: str, in_repository: str) -> Path:
    folder = _PACKAGE / packaged
    return folder if folder.is_dir() else _PACKAGE.parent / in_repository

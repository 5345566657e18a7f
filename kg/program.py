"""Which program this is: its version, and a hash of everything that decides its output."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from kg.resources import codes_dir, ontology_dir

VERSION = "0.1.0"


def files_hash(files: Iterable[tuple[str, Path]]) -> str:
    """The SHA-256 of named files: of their names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for name, path in sorted(files):
        data = path.read_bytes()
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


@cache
def program_hash() -> str:
    """The SHA-256 of the package's code, the ontology and the code lists.

    A plan built by the same program from the same folder has the same bytes, so it need not
    be built again.
    """
    roots = (Path(__file__).parent, ontology_dir(), codes_dir())
    endings = (".py", ".ttl", ".rq", ".csv")
    return files_hash(
        (f"{n}/{path.relative_to(root).as_posix()}", path)
        for n, root in enumerate(roots)
        for path in root.rglob("*")
        if path.suffix in endings
    )

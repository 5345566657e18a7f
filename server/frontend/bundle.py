"""Builds the query editor of /sparql: `python server/frontend/bundle.py`, called by make.

Takes YASQE, the editor of YASGUI, out of `node_modules/` as its package ships it, and writes it to
`server/static/vendor/` with the licence texts of all that is in it, by its source map. What would
break the content security policy is taken out: each such place must be found as often as it is
known, so that another version of the package is looked at before it is served.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = HERE / "node_modules"
VENDOR = HERE.parent / "static" / "vendor"
PACKAGE = MODULES / "@zazuko" / "yasqe"

REPLACED = (
    # only where there is no JSON in the browser, which no longer happens
    ("j=eval(`(`+text+`)`)", "j=void 0"),
    ("Function(`return this`)()", "globalThis"),
    ("<strong style='text-decoration:underline'>", "<strong>"),
    ("\n//# sourceMappingURL=yasqe.min.js.map", "\n"),
)
"""Text of the package, found once -> what stands in its place."""

SHIPPED_WITHOUT_TEXT = ("@zazuko/yasqe", "@zazuko/yasgui-utils")
"""Packages that name the MIT licence and their author, and have no file with its text."""
MIT = """Copyright (c) {holders}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""
_PACKAGE_OF = re.compile(r"node_modules/((?:@[^/]+/)?[^/]+)/")


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    script = (PACKAGE / "build" / "yasqe.min.js").read_text(encoding="utf-8")
    sources = json.loads((PACKAGE / "build" / "yasqe.min.js.map").read_text(encoding="utf-8"))
    _write("yasqe.js", without_what_the_policy_forbids(script))
    _write("yasqe.css", (PACKAGE / "build" / "yasqe.min.css").read_text(encoding="utf-8"))
    _write("LICENSES.txt", licences(packages_in(sources["sources"])))


def without_what_the_policy_forbids(script: str) -> str:
    """The script with `REPLACED` carried out; ends the program where a text is not there once."""
    for old, new in REPLACED:
        if script.count(old) != 1:
            sys.exit(f"{PACKAGE.name} has {old!r} {script.count(old)} times; expected 1.")
        script = script.replace(old, new)
    return script


def packages_in(sources: list[str]) -> list[str]:
    """The packages whose sources went into the script, by name."""
    found = {match[1] for source in sources if (match := _PACKAGE_OF.search(source))}
    return sorted(found | set(SHIPPED_WITHOUT_TEXT))


def licences(packages: list[str]) -> str:
    """The licence texts of the packages, each under its name and version."""
    parts = [
        "The query editor (yasqe.js, yasqe.css) is made of these packages. It is changed in so "
        "far as\nserver/frontend/bundle.py says.\n"
    ]
    for name in packages:
        folder = MODULES / name
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        title = f"{name} {about['version']} ({about['license']})"
        parts.append(f"{title}\n{'-' * len(title)}\n{_licence_text(folder, about)}")
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _licence_text(folder: Path, about: dict[str, object]) -> str:
    files = sorted(p for p in folder.iterdir() if re.match(r"licen[cs]e|notice", p.name, re.I))
    if files:
        return "\n".join(file.read_text(encoding="utf-8") for file in files)
    if about["name"] not in SHIPPED_WITHOUT_TEXT or about["license"] != "MIT":
        sys.exit(f"{about['name']} has no licence text.")
    others = about.get("contributors")
    names = [about["author"], *(others if isinstance(others, list) else [])]
    return MIT.format(
        holders=", ".join(str(n["name"]) if isinstance(n, dict) else str(n) for n in names)
    )


def _write(name: str, text: str) -> None:
    (VENDOR / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

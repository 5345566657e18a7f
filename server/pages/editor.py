"""What the query editor of /sparql needs: its scripts, its words, where IRIs have their pages.

The editor itself is built from a package (`server/frontend/`), and may be missing: a wheel made
without it, a machine without npm. Then the page is the plain form, which needs no script.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask_babel import gettext

from kg.settings import SHARED_BASE_IRI
from kg.vocab import PREFIXES, SP, SPS
from server.context import context
from server.pages.frame import STATIC
from server.pages.links import file

BUILT = ("vendor/yasqe.js", "vendor/yasqe.css")
SCRIPTS = (
    BUILT[0], "editor/snippets.js", "editor/answers.js", "editor/completion.js",
    "editor/editor.js",
)  # fmt: skip
"""In the order in which they run."""
FILES = {
    "solutions": (("csv", "CSV"), ("excel-csv", "CSV (Excel)"), ("json", "JSON"), ("tsv", "TSV"),
                  ("xml", "XML")),
    "triples": (("turtle", "Turtle"), ("jsonld", "JSON-LD"), ("ntriples", "N-Triples"),
                ("rdfxml", "RDF/XML")),
}  # fmt: skip
"""The forms in which an answer can be saved, by its kind."""


@dataclass(frozen=True, slots=True)
class Editor:
    """What the template tells the scripts; all but the first is JSON."""

    scripts: tuple[str, ...]
    words: str
    places: str
    formats: str


def editor() -> Editor | None:
    """The editor in the language of the page; None if it is not built."""
    if not all((STATIC / name).is_file() for name in BUILT):
        return None
    return Editor(SCRIPTS, _json(_words()), _json(_places()), _json(FILES))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _places() -> dict[str, object]:
    """The starts of IRIs that have pages here, and the prefixes that shorten IRIs."""
    return {
        "local": [
            (str(SP), file("ns#")),
            (str(SPS), file("shapes#")),
            (f"{SHARED_BASE_IRI}fy/", file("doc/fy/")),
            (context().settings.base_iri, file("doc/")),
        ],
        "prefixes": PREFIXES,
        "base": context().settings.base_iri,
    }


def _words() -> dict[str, str]:
    """What the scripts say; {slots} are filled in the browser."""
    return {
        "query": gettext("問い合わせ文"),
        "inThisFormat": gettext("この形式で開く"),
        "running": gettext("実行中です…"),
        "stopped": gettext("中止しました。"),
        "rows": gettext("{rows}行、{seconds}秒"),
        "done": gettext("{seconds}秒で答えました"),
        "copied": gettext("コピーしました"),
        "prefixAdded": gettext("PREFIX {prefix}: の行を入れました"),
        "suggestionList": gettext("候補"),
        "suggestions": gettext("Ctrl＋スペースで候補"),
        "wrongLine": gettext("{line}行目は、このままでは読めません"),
        "problem": gettext("問題"),
        "place": gettext("問い合わせ文の{line}行目{column}文字目を読めませんでした。"),
        "busy": gettext(
            "いま混み合っているか、時間内に終わりませんでした。少し待つか、条件を絞ってお試しください。"
        ),
        "refused": gettext("この問い合わせには答えられません（{status}）。"),
        "unreachable": gettext("サーバーにつながりません。時間をおいてもう一度お試しください。"),
        "empty": gettext(
            "この問い合わせの結果は0行です。データに該当がないためで、故障ではありません。"
        ),
        "caption": gettext("全{rows}行（問い合わせの順）"),
        "cut": gettext("全{rows}行中{shown}行を表示。ファイルには全行"),
        "wide": gettext("表は横に動かせます。"),
        "unbound": gettext("値なし"),
        "yes": gettext("はい（true）"),
        "no": gettext("いいえ（false）"),
        "graph": gettext("Turtleによる答え"),
        "graphCut": gettext("Turtleによる答えの初めの部分です。ファイルには全体があります。"),
        "noChart": gettext("数値だけの列がないので、図にできません。"),
        "chartCaption": gettext("横棒グラフ: {label}ごとの{number}。全{rows}本、問い合わせの順"),
        "chartCut": gettext(
            "横棒グラフ: {label}ごとの{number}。全{rows}行中{shown}本、問い合わせの順"
        ),
        "rowNumber": gettext("行"),
        "bar": gettext("棒"),
        "labelColumn": gettext("項目の列"),
        "numberColumn": gettext("数値の列"),
    }

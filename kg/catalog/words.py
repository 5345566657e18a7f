"""What the catalogue says in words, in Japanese and English: from a plan's entry, never more.

Titles hold the year, "SDG" and the identifier, so that they stay apart in a portal's list and
so that a portal that makes names of their ASCII letters gets different ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Entry = Mapping[str, Any]
Texts = dict[str, str]

CATALOG_TITLE = {
    "ja": "市区町村の実施計画とSDGs データカタログ",
    "en": "Catalogue of municipal implementation plans and the SDGs",
}
CATALOG_DESCRIPTION = {
    "ja": "市区町村が公表した年度別の実施計画を、事業、担当部署、基本施策、計画値、"
    "SDGsの目標との関連付けとして機械可読にしたデータの一覧です。"
    "文書に書かれたこと、人が判断したこと、計算したことを区別しています。",
    "en": "Machine-readable data on the yearly implementation plans that Japanese municipalities "
    "publish: projects, responsible units, policies, targets and links to the SDGs. What a "
    "document states, what people decided and what was computed are kept apart.",
}
SERVICE_TITLE = {"ja": "SPARQLエンドポイント", "en": "SPARQL endpoint"}
SERVICE_DESCRIPTION = {
    "ja": "すべての計画を横断して問い合わせるためのSPARQL 1.1のエンドポイントです。",
    "en": "SPARQL 1.1 endpoint for queries across all plans.",
}
MERGED = {
    "ja": "すべての名前付きグラフを併せたもの。二つのグラフにある同じトリプルは一度だけ数えます。",
    "en": "The merge of all named graphs. A triple that is in two of them counts once.",
}
CANONICAL = {
    "ja": "グラフをRDFC-1.0の正規N-Quadsにしたもの（グラフ名を除く）のSHA-256。",
    "en": "SHA-256 of the graph in canonical N-Quads (RDFC-1.0), without the graph name.",
}
GRAPHS = {
    "source": {"ja": "原典のグラフ", "en": "source graph"},
    "links": {"ja": "関連付けのグラフ", "en": "graph of goal links"},
    "candidate": {"ja": "関連付けの候補のグラフ", "en": "graph of candidate links"},
    "achievement": {"ja": "実施報告のグラフ", "en": "graph of the report on the year"},
    "report": {"ja": "検証結果のグラフ", "en": "graph of the validation report"},
}
VOCABULARY = {"ja": "jp-sdgplanの語彙", "en": "jp-sdgplan vocabulary"}
SHAPES = {"ja": "jp-sdgplanのSHACLシェイプ", "en": "jp-sdgplan SHACL shapes"}

_FORMS = {
    "turtle": ("RDF（Turtle）", "RDF (Turtle)"),
    "jsonld": ("RDF（JSON-LD）", "RDF (JSON-LD)"),
    "nquads": ("RDF（N-Quads）", "RDF (N-Quads)"),
    "csv": ("事業の一覧（CSV）", "Projects (CSV)"),
    "report-turtle": ("検証結果（SHACL、Turtle）", "Validation report (SHACL, Turtle)"),
    "achievement-turtle": ("実施報告（Turtle）", "Report on the year (Turtle)"),
    "achievement-csv": ("実施報告の達成度と実績（CSV）", "Achievements as reported (CSV)"),
    "candidate-turtle": ("関連付けの候補（Turtle）", "Candidate links (Turtle)"),
    "candidate-csv": ("関連付けの候補（CSV）", "Candidate links (CSV)"),
    "sparql": ("SPARQLエンドポイント", "SPARQL endpoint"),
}
_CONTENTS = {
    "turtle": (
        "文書の記載と人の判断のすべて。",
        "Everything that the document states and that people decided.",
    ),
    "jsonld": (
        "文書の記載と人の判断のすべて。",
        "Everything that the document states and that people decided.",
    ),
    "nquads": (
        "同じ内容を、記載と判断の名前付きグラフに分けたもの。",
        "The same content, with statements and decisions in separate named graphs.",
    ),
    "csv": (
        "1行に1事業の表（UTF-8、BOM付き）。",
        "A table with one row per project (UTF-8 with a byte order mark).",
    ),
    "report-turtle": (
        "このデータをシェイプで検証した結果。",
        "The result of validating these data against the SHACL shapes.",
    ),
    "achievement-turtle": (
        "計画の実施報告に記載されたこと（達成度、実績値、決算額）。",
        "What the report on the plan states: grades, actual values, spending.",
    ),
    "achievement-csv": (
        "1行に1事業の表。達成度は掲載表記のまま、尺度は計画ごとに違います。",
        "A table with one row per project; grades as printed, on a scale of the plan's own.",
    ),
    "candidate-turtle": (
        "計算による候補と確率。文書の記載でも人の判断でもなく、件数に数えません。",
        "Computed suggestions with probabilities. The document does not state them, nobody has "
        "decided on them, and they are not counted.",
    ),
    "candidate-csv": (
        "事業と17ゴールのすべての組の確率。文書の記載でも人の判断でもなく、件数に数えません。",
        "The probability of every pair of project and goal: neither stated nor decided, and never "
        "counted.",
    ),
    "sparql": (
        "すべての計画を横断する問い合わせ（SPARQL 1.1）。",
        "Queries across all plans (SPARQL 1.1).",
    ),
}


def period(year: int) -> Texts:
    """A fiscal year."""
    return {"ja": f"{year}年度", "en": f"fiscal {year}"}


def title(entry: Entry, identifier: str) -> Texts:
    """The plan's title, that this is SDG data of it, and the identifier."""
    titles, made_up = entry["title"], entry["made_up"]
    ja = f"{titles['ja']} SDGsデータ（{identifier}）"
    en = titles.get("en") or f"{_city_en(entry)}: implementation plan for fiscal {entry['year']}"
    en = f"{en}, SDG data ({identifier})"
    if entry["status"] == "withdrawn":
        ja, en = f"【取り下げ】{ja}", f"[withdrawn] {en}"
    if made_up:
        ja = ja if "架空" in ja else f"【架空】{ja}"
        en = en if "made up" in en else f"[made up] {en}"
    return {"ja": ja, "en": en}


def description(entry: Entry) -> Texts:
    """What is in it, by number, and on what the links to goals rest."""
    ja = [
        f"{entry['municipality']['ja']}の「{entry['title']['ja']}」を機械可読にしたデータです。",
        f"事業{entry['projects']}件の名称、担当部署、基本施策、計画値{entry['targets']}件を含みます。",
    ]
    en = [
        f"Machine-readable data on a plan of {_city_en(entry)} "
        f"({entry['title'].get('en', entry['title']['ja'])}): "
        f"{_number(entry['projects'], 'project')} with responsible units and policies, and "
        f"{_number(entry['targets'], 'target')}.",
    ]
    if entry["status"] == "withdrawn":
        notes = withdrawal(entry)
        ja.insert(0, f"【取り下げ】{notes['ja']}")
        en.insert(0, f"[withdrawn] {notes['en']}")
    published = entry["published_links"]
    if published is not None:
        ja.append(f"文書が公表したSDGsとの関連付けは延べ{published}件です。")
        links = _number(published, "link")
        en.append(f"The document reports {links} between projects and the SDGs in total.")
    for basis, (said_ja, said_en) in _BASES.items():
        count = entry["bases"].get(basis, 0)
        if count:
            ja.append(said_ja.format(count=count))
            en.append(said_en.format(projects=_number(count, "project")))
    if entry["made_up"]:
        ja.append("この市区町村は実在せず、データはすべて架空のものです。")
        en.append("This municipality does not exist and all its data are made up.")
    return {"ja": "".join(ja), "en": " ".join(en)}


_BASES = {
    "stated": (
        "{count}事業の目標は文書に記載されています。",
        "For {projects} the goals are stated in the document.",
    ),
    "curated": (
        "{count}事業の目標は人が根拠を示して判断したものです。",
        "For {projects} people decided on the goals and named their evidence.",
    ),
    "count-only": (
        "{count}事業は目標の数だけが分かり、どの目標かは分かっていません。",
        "For {projects} only the number of goals is known, not which goals they are.",
    ),
    "none": ("{count}事業には目標がありません。", "For {projects} the document shows no goals."),
}


def version(entry: Entry, name: str) -> Texts:
    """One version of the plan's data."""
    titles = entry["title"]
    return {
        "ja": f"{titles['ja']}のデータ 版{name}",
        "en": f"{titles.get('en', titles['ja'])}, data version {name}",
    }


def withdrawal(entry: Entry) -> Texts:
    """When and why the plan was withdrawn, as far as it is known."""
    when, why = entry.get("withdrawn", ""), entry.get("reason", "")
    ja = f"{when}に取り下げられました。" if when else "取り下げられました。"
    en = f"Withdrawn on {when}." if when else "Withdrawn."
    return {
        "ja": ja + (f"理由：{why}" if why else ""),
        "en": en + (f" Reason: {why}" if why else ""),
    }


def provenance(entry: Entry) -> Texts:
    """How the data came from the document."""
    ja = "市区町村が公表した文書から機械的に抽出し、文書が公表した合計と照合しました。"
    en = (
        "Extracted automatically from the document that the municipality published, and checked "
        "against the totals printed in it."
    )
    note = (entry.get("document") or {}).get("note") or {}
    return {
        "ja": ja + (f"文書について：{note['ja']}" if "ja" in note else ""),
        "en": en + (f" About the document: {note['en']}" if "en" in note else ""),
    }


def rights(entry: Entry) -> Texts:
    """What is known of the terms of the document itself, which are not those of the data."""
    licence = entry["document"]["licence"]
    if licence == "unknown":
        return {
            "ja": "ライセンスは、このデータについてのものです。"
            "元の文書の利用条件は確認できていません。文章は自治体のもので、出典を示して引用しています。",
            "en": "The licence applies to the data. The terms of use of the original document have "
            "not been confirmed; its texts belong to the municipality and are quoted with their "
            "source.",
        }
    return {
        "ja": f"ライセンスは、このデータについてのものです。元の文書の利用条件：{licence}",
        "en": f"The licence applies to the data. Terms of use of the original document: {licence}",
    }


def both(texts: Texts) -> str:
    """The Japanese and the English text as one, for readers that take a single one."""
    return f"{texts['ja']} / {texts['en']}"


def keywords(entry: Entry) -> Iterator[tuple[str, str]]:
    """Language and keyword; letters, digits, blanks and hyphens only, as CKAN's tags demand."""
    yield "en", "SDGs"
    yield "ja", "実施計画"
    yield "en", "implementation plan"
    for language, name in entry["municipality"].items():
        if 2 <= len(name) <= 100 and all(c.isalnum() or c in " -_." for c in name):
            yield language, name
    for goal in entry.get("themes", ()):
        yield "en", f"SDG {goal}"
    if entry["status"] == "withdrawn":
        yield "ja", "公開終了"
        yield "en", "withdrawn"


def series_title(entry: Entry) -> Texts:
    plan = entry["basic_plan"]
    mark = ("【架空】", "[made up] ") if entry["made_up"] else ("", "")
    texts = {"ja": f"{mark[0]}{plan['ja']}の年度別実施計画"}
    if "en" in plan:
        texts["en"] = f"{mark[1]}Yearly implementation plans of the {plan['en']}"
    return texts


def series_description(entry: Entry) -> Texts:
    plan = entry["basic_plan"]
    return {
        "ja": f"{entry['municipality']['ja']}の「{plan['ja']}」の"
        "年度別実施計画のデータを、年度ごとに収めた系列です。",
        "en": f"Data on the yearly implementation plans of {_city_en(entry)} under one basic plan "
        f"({plan.get('en', plan['ja'])}), with one dataset per fiscal year.",
    }


def form_title(name: str) -> Texts:
    return dict(zip(("ja", "en"), _FORMS[name], strict=True))


def form_description(name: str, entry: Entry) -> Texts:
    ja, en = _CONTENTS[name]
    plan = entry["title"].get("en", entry["title"]["ja"])
    return {"ja": f"{entry['title']['ja']}：{ja}", "en": f"{plan}. {en}"}


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _city_en(entry: Entry) -> str:
    names = entry["municipality"]
    return str(names.get("en", names["ja"]))

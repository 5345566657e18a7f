"""The page /quality: each criterion for endpoints, how it is met, the value, where to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any

from flask import Response
from flask_babel import gettext
from markupsafe import Markup
from rdflib import URIRef

from kg.vocab import PREFIXES
from server.context import context
from server.measures import Measures, measures
from server.pages.facts import in_language
from server.pages.frame import Crumb, DataLink, Frame, format_day, format_number, page
from server.pages.language import page_language
from server.pages.links import file, site
from server.pages.terms import borrowed_label, shortened, term_labels
from server.quality import ORIGIN, Criterion, Met, criteria

RATING = "https://yummydata.org/umaka-score.html"


def _(text: str) -> str:
    return text


AREAS = {
    "availability": _("稼働"),
    "freshness": _("新しさ"),
    "operation": _("運用"),
    "usefulness": _("役立ち"),
    "validity": _("正しさ"),
    "performance": _("速さ"),
    "cors": _("他のサイトからの利用（CORS）"),
}
MET = {
    Met.YES: _("満たしています"),
    Met.PARTLY: _("一部を満たしています"),
    Met.NO: _("満たしていません"),
    Met.VALUE: _("値だけを示します"),
    Met.UNKNOWN: _("測れませんでした"),
}
WORDS = {
    "alive": (
        _("応答"),
        _("1件のトリプルを求めるCONSTRUCTに、転送なしで2xxと空でないRDFを返すか。"),
        _("/sparqlがその場で答えます。別の住所への転送はしません。"),
    ),
    "modified": (
        _("更新日時"),
        _("サービス記述またはVoIDに、更新日時（dcterms:modified）があるか。"),
        _("両方に、公開中のデータを作った日時を書いています。"),
    ),
    "service-description": (
        _("サービス記述"),
        _("/sparqlが、TurtleやRDF/XMLを求められたときにサービス記述を返すか。"),
        _("問い合わせ文のない/sparqlが、Acceptに応じて返します。"),
    ),
    "void": (
        _("VoID"),
        _("/.well-known/voidに、同じ形式でVoIDがあるか。"),
        _("グラフ、クラス、プロパティごとの数を、データを作るたびに数え直して載せています。"),
    ),
    "labels": (
        _("名称のある資源"),
        _("資源のどれだけに、人が読める名称があるか。"),
        _("計画、事業、部署などには日本語（と、あれば英語）の名称があります。"
          "集計値、計画値、検証の結果などには、番号と年度から作った名称を両方の言語で付けています。"),
    ),
    "known-ontologies": (
        _("よく知られた語彙"),
        _("クラスとプロパティのどれだけが、広く使われている語彙のものか。"),
        _("SKOS、DCTERMS、ORG、PROV、QBなどを使い、足りないものだけを独自の語彙で定めています。"
          "独自の用語はすべて/nsで説明しています。"),
    ),
    "datatypes": (
        _("データ型"),
        _("リテラルにデータ型が使われているか。"),
        _("数、日付、年、真偽にはXMLスキーマの型を、文章には言語を付けています。"),
    ),
    "links-out": (
        _("外部へのリンク"),
        _("ほかのデータセットの資源につながっているか。"),
        _("国連のゴール、e-Statの地域コードなど、発行元のIRIをそのまま使っています。"),
    ),
    "publisher-and-licence": (
        _("公表者と利用条件"),
        _("VoIDに公表者と利用条件があるか。"),
        _("全体について、運営者とデータの利用条件を書いています。"),
    ),
    "result-formats": (
        _("結果の形式"),
        _("問い合わせの結果を、いくつもの形式で受け取れるか。"),
        _("Acceptかformat=で選べます。サービス記述に挙げた形式は次のとおりです。"),
    ),
    "cool-iris": (
        _("簡潔なIRI"),
        _("資源のIRIに、問い合わせ文字列、拡張子、ポート番号、利用者名がないか。"),
        _("IRIは自治体や計画の番号だけで作り、検証規則と試験で守っています。"),
    ),
    "http-iris": (
        _("HTTPのIRI"),
        _("主語がhttpまたはhttpsのIRIか。"),
        _("空白ノードは使わず、すべてにIRIを付けています。"),
    ),
    "dereference": (
        _("IRIの参照"),
        _("資源のIRIをGETすると、その資源の説明が返るか。"),
        _("/id/で始まる住所は303で/doc/の文書に移り、文書が200で答えます。"),
    ),
    "negotiation": (
        _("形式の選択"),
        _("ふつうのブラウザーにはHTMLを、Acceptで求められればTurtleとRDF/XMLを返すか。"),
        _("/id/と/doc/は、Acceptに応じて次の形式で答えます。HTMLを求めない問い合わせにはTurtleで答えます。"),
    ),
    "links-in-rdf": (
        _("RDFの中のリンク"),
        _("返るRDFに、ほかの資源へのリンクがあるか。"),
        _("事業から計画、施策、担当課へ、というように資源どうしをつないでいます。"
            "ほかから指されるだけの資源もあります。その文書にも、利用条件へのリンクは付きます。"),
    ),
    "response-time": (
        _("答えるまでの時間"),
        _("空のASKと、クラスやグラフの短い一覧に、どれだけの時間で答えるか。"),
        _("データを公開したあと初めて測ったときの、サービスの中での時間です。通信の時間は含みません。"),
    ),
    "complete": (
        _("答えの完全さ"),
        _("一覧の答えが途中で切れていないか。"),
        _("答えは全部か、お断りかのどちらかです。作成時に数えた数と照らしました。"),
    ),
    "allow-origin": (
        _("CORS"),
        _("ほかのサイトのプログラムから読めるように、Access-Control-Allow-Originが*か。"),
        _("データ、ページ、エラーのすべての応答に付けています。"),
    ),
}  # fmt: skip
TIMES = {"ask": _("空のASK"), "classes": _("クラスの一覧"), "graphs": _("グラフの一覧")}


def quality_page() -> Response:
    """The page at /quality."""
    found, title = measures(), gettext("このサービスの品質")
    judged = criteria(found)
    return page(
        "quality.html",
        Frame(
            title=[title],
            crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(title)],
            path="quality",
            data=[DataLink("JSON", file("quality.json"), media_type="application/json")],
        ),
        title=title,
        release=found.release,
        endpoint=context().url("sparql"),
        rating=RATING,
        areas=[
            (area, gettext(AREAS[area]), [_shown(one) for one in group])
            for area, group in groupby(judged, key=lambda one: one.area)
        ],
        unlabelled=_unlabelled(found),
        terms=_terms(found),
    )


def _shown(one: Criterion) -> dict[str, Any]:
    name, asked, how = WORDS[one.name]
    values = VALUES[one.name](one.value) if one.met is not Met.UNKNOWN else []
    return {
        "id": one.name,
        "name": gettext(name),
        "asked": gettext(asked),
        "how": gettext(how),
        "met": gettext(MET[one.met]),
        "is_met": one.met in (Met.YES, Met.VALUE),
        "values": values or [gettext("この版では測れませんでした。")],
        "see": file(one.see),
    }


def _share(part: int, whole: int) -> str:
    """12 / 17（70.6％）; never 100 or 0 unless it is all or none."""
    percent = 100 * part / whole
    shown = f"{percent:.1f}" if part in (0, whole) else f"{min(max(percent, 0.1), 99.9):.1f}"
    return str(
        gettext(
        "%(whole)s件のうち%(part)s件（%(percent)s％）",
        whole=format_number(whole), part=format_number(part), percent=shown,
    ))  # fmt: skip


def _mono(text: str) -> Markup:
    return Markup('<span class="mono">{}</span>').format(text)


def _counted(numbers: Mapping[str, int]) -> list[Markup]:
    return [
        Markup("{} {}").format(_mono(shortened(name)), format_number(number))
        for name, number in numbers.items()
    ]


def _modified(value: Mapping[str, Any]) -> list[str]:
    names = {"service": gettext("サービス記述"), "void": gettext("VoID")}
    return [
        gettext("%(name)s: %(day)s", name=names[kind], day=format_day(days[0]))
        if days
        else gettext("%(name)s: 記載なし", name=names[kind])
        for kind, days in value.items()
    ]


def _triples(value: Mapping[str, Any]) -> list[str]:
    return [gettext("%(number)sトリプル", number=format_number(value["triples"]))]


def _known(value: Mapping[str, Any]) -> list[str]:
    names = {"classes": gettext("クラス"), "properties": gettext("プロパティ")}
    return [
        gettext("%(name)s: %(share)s", name=names[kind], share=_share(n["known"], n["all"]))
        for kind, n in value.items()
    ]


def _cool(value: Mapping[str, Any]) -> list[str]:
    found = [
        gettext(
            "調べたIRI: %(number)s件（計画のデータと語彙）", number=format_number(value["iris"])
        ),
        gettext(
            "問い合わせ文字列 %(queries)s件、拡張子 %(extensions)s件、ポート番号 %(ports)s件、"
            "利用者名 %(users)s件",
            **{k: format_number(value[k]) for k in ("queries", "extensions", "ports", "users")},
        ),
    ]  # fmt: skip
    if value["of_the_server"]:
        found.append(
            gettext(
                "ほかに、サービス自身を説明するIRI（サービスの住所に#を付けたものなど）が%(number)s件あり、"
                "うち%(ports)s件は住所にポート番号を含みます。資源のIRIではないため、上の数に入れていません。",
                number=format_number(value["of_the_server"]),
                ports=format_number(value["of_the_server_with_port"]),
            )
        )
    return found


def _dereferenced(value: Mapping[str, Any]) -> list[str | Markup]:
    found: list[str | Markup] = [
        gettext("文書のある住所: %(share)s", share=_share(value["answered"], value["documents"]))
    ]
    if not value["is_own_address"]:
        text = gettext(
            "IRIの先頭は%(base)s、このサービスの住所は%(server)sです。IRIがそのままWebで開けるのは、"
            "前者から後者への転送が設定されているときだけで、ここでは確かめていません。"
        )
        names = {"base": _mono(value["base_iri"]), "server": _mono(value["server"])}
        found.append(Markup.escape(text) % names)
    return found


def _seconds(value: Mapping[str, Any]) -> list[str]:
    return [
        gettext("%(name)s: %(number)sミリ秒", name=gettext(TIMES[kind]), number=f"{1000 * s:.1f}")
        for kind, s in value["seconds"].items()
    ]


def _complete(value: Mapping[str, Any]) -> list[str]:
    names = {"classes": gettext("クラス"), "graphs": gettext("グラフ")}
    return [
        gettext(
            "%(name)s: 一覧に%(listed)s件、作成時の数は%(held)s件",
            name=names[kind], listed=format_number(n["listed"]), held=format_number(n["held"]),
        )
        for kind, n in value.items()
    ]  # fmt: skip


VALUES: dict[str, Callable[[Mapping[str, Any]], list[Any]]] = {
    "alive": _triples,
    "modified": _modified,
    "service-description": _triples,
    "void": _triples,
    "labels": lambda v: [_share(v["labelled"], v["resources"])],
    "known-ontologies": _known,
    "datatypes": lambda v: _counted(v["literals"]),
    "links-out": lambda v: _counted(v["links"]),
    "publisher-and-licence": lambda v: [_mono(x) for x in (*v["publishers"], *v["licences"])],
    "result-formats": lambda v: [_mono(name) for name in v["formats"]],
    "cool-iris": _cool,
    "http-iris": lambda v: [
        gettext(
            "資源%(number)s件のうち、空白ノードやほかの種類のIRIは%(others)s件",
            number=format_number(v["resources"]), others=format_number(v["others"]),
        )
    ],
    "dereference": _dereferenced,
    "negotiation": lambda v: [_mono(name) for name in v["formats"]],
    "links-in-rdf": lambda v: [_share(v["linked"], v["resources"])],
    "response-time": _seconds,
    "complete": _complete,
    "allow-origin": lambda v: [_mono(f"{ORIGIN}: {v[ORIGIN]}")],
}  # fmt: skip


def _unlabelled(m: Measures) -> list[tuple[str, object, int, int]]:
    """Class, its name, its resources, and how many of them have a label: where some have none."""
    return [
        (shortened(row["class"]), _class_name(row["class"]), row["number"], row["labelled"])
        for row in m.labels_by_class or ()
        if row["labelled"] < row["number"]
    ]


def _class_name(iri: str) -> object:
    return in_language(term_labels(iri), page_language()) or borrowed_label(URIRef(iri))


def _terms(m: Measures) -> list[tuple[str, str, Mapping[str, int]]]:
    """Prefix, namespace, and how many terms of it are used how often."""
    return [(prefix, PREFIXES.get(prefix, ""), n) for prefix, n in (m.terms or {}).items()]

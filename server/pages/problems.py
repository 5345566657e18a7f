"""Errors as pages: what happened in plain words, one way on, the status in small print."""

from __future__ import annotations

import re

from flask import Response, request
from flask_babel import gettext

from server.context import context
from server.errors import nothing_at
from server.pages.frame import Crumb, Frame, page, plan_entries
from server.pages.links import site
from server.search import MOST_CHARACTERS

_PLACE = re.compile(r"Line (\d+), column (\d+)")
_GOAL = re.compile(r"/goals/\d+/?")
_PROJECT = re.compile(r"/(?:doc|id)/(.+/plan/[^/]+/\d{4})/project/(\d+)")


def error_page(status: int, title: str, detail: str) -> Response:
    """The page for an error; the caller sets the status."""
    heading, text = _words_of_search(title) or _words(status, detail)
    return page(
        "error.html",
        Frame(title=[heading], crumbs=[Crumb(gettext("ホーム"), site("")), Crumb(heading)]),
        heading=heading,
        text=text,
        status=status,
        name=title,
        detail=detail,
        missing=request.path if detail == nothing_at(request.path) else None,
        is_query=request.path.rstrip("/") == "/sparql",
        outside=_outside(status),
        is_goal=status == 404 and _GOAL.fullmatch(request.path) is not None,
    )


def _words(status: int, detail: str) -> tuple[str, str]:
    seconds = context().settings.query_timeout_s
    place = _PLACE.match(detail)
    if status == 400 and place:
        return gettext("問い合わせ文を読めませんでした"), gettext(
            "問い合わせ文の%(line)s行目%(column)s文字目を読めませんでした。",
            line=place[1], column=place[2],
        )  # fmt: skip
    return {
        400: (
            gettext("読み取れない内容です"),
            gettext("送られた内容を読み取れませんでした。下の説明をご覧ください。"),
        ),
        404: (
            gettext("ページが見つかりません"),
            gettext("住所（URL）が変わったか、入力に誤りがあるかもしれません。"),
        ),
        405: (
            gettext("この操作はできません"),
            gettext("このサービスは読み取り専用です。ページを開く操作だけができます。"),
        ),
        406: (
            gettext("この形式では表示できません"),
            gettext("求められた形式では用意がありません。下の説明にある形式をお使いください。"),
        ),
        410: (
            gettext("この計画の公開は終了しました"),
            gettext("以前の版のデータは履歴に残っています。"),
        ),
        503: (
            gettext("いまはお答えできません"),
            gettext(
                "いま混み合っているか、問い合わせが%(seconds)s秒以内に終わりませんでした。"
                "少し待ってからもう一度お試しください。条件を絞ると速くなります。",
                seconds=seconds,
            ),
        ),
    }.get(
        status,
        (
            gettext("うまく表示できませんでした"),
            gettext("こちらの都合で表示できませんでした。時間をおいてもう一度お試しください。")
            if status >= 500
            else gettext("送られた内容にはお答えできません。下の説明をご覧ください。"),
        ),
    )


def _words_of_search(title: str) -> tuple[str, str] | None:
    if title == "Search text too long":
        return gettext("検索する語が長すぎます"), gettext(
            "検索できるのは%(most)s文字までです。短くしてお試しください。", most=MOST_CHARACTERS
        )
    if title == "No search index":
        return gettext("検索の索引がありません"), gettext(
            "公開中のデータには検索用の索引がありません。計画一覧からお探しください。"
        )
    return None


def _outside(status: int) -> tuple[str, int] | None:
    """The number asked for and the last one, where a plan has no such project."""
    match = _PROJECT.fullmatch(request.path.rstrip("/")) if status == 404 else None
    if match is None:
        return None
    for entry in plan_entries():
        if entry["iri"].endswith(f"/{match[1]}") and entry.get("projects"):
            return match[2], int(entry["projects"])
    return None

"""The prefecture a municipality's code begins with (JIS X 0401, 47 prefectures)."""

from __future__ import annotations

from rdflib import Literal

from server.pages.language import page_language

_JAPANESE = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 "
    "神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 "
    "大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 "
    "福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
)
_ENGLISH = (
    "Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba "
    "Tokyo Kanagawa Niigata Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga "
    "Kyoto Osaka Hyogo Nara Wakayama Tottori Shimane Okayama Hiroshima Yamaguchi Tokushima Kagawa "
    "Ehime Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima Okinawa"
)


def prefecture_of(code: str) -> Literal | None:
    """福島県, or Fukushima, for 072036; None for what is no such code."""
    number = int(code[:2]) if code[:2].isdecimal() else 0
    if not 1 <= number <= len(_JAPANESE.split()):
        return None
    if page_language() == "en":
        return Literal(_ENGLISH.split()[number - 1], lang="en")
    return Literal(_JAPANESE.split()[number - 1], lang="ja")

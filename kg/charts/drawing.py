"""Charts as SVG: altair describes each kind once, vl-convert draws it for one plan after another.

Widths are fixed and no text moves anything, so that the bytes do not hang on the fonts of the
building machine. Measuring texts would also take most of the time: vl-convert sees a mark of
two or three letters in a font that no machine has, and the text is put in its place afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

FONTS = '"Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "BIZ UDPGothic", Meiryo, sans-serif'
"""As in server/static/style.css."""
INK, OUTLINE, RULE = "#1a1a1a", "#333333", "#cccccc"
TEXT_PX = 12
EDGE_PX = 4
"""Room around everything, so that outlines are whole."""

NO_FONT = "sdgplan-unmeasured"
_DATA = "rows"
_SVG = "http://www.w3.org/2000/svg"
# what Vega writes for scripts and ears: an image has one text for all of it
_DROPPED = ("class", "role", "aria-roledescription", "aria-hidden", "aria-label")
_ON_ROOT = {"font-family": FONTS, "font-size": f"{TEXT_PX}px"}

ElementTree.register_namespace("", _SVG)


@dataclass(frozen=True, slots=True)
class Size:
    """How a chart is laid out at one width, in px; without a `label` column the labels stand
    above their bars. `end` is room for the text at a bar's end, `row` the height of a row."""

    name: str
    width: int
    label: int
    end: int
    row: int

    @property
    def bars(self) -> int:
        """The length of the longest bar."""
        return self.width - self.label - self.end - EDGE_PX

    @property
    def lower(self) -> int:
        """How far bars are moved down to make room for their labels."""
        return 0 if self.label else 10


BAR_SIZES = (Size("wide", 720, 300, 40, 26), Size("narrow", 328, 0, 40, 44))
STEP_SIZES = (Size("wide", 720, 300, 152, 30), Size("narrow", 328, 0, 152, 44))


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn chart; marks stand where its texts belong."""

    root: ElementTree.Element
    width: int
    height: int

    def svg(self, language: str, title: str, description: str, texts: Mapping[str, str]) -> bytes:
        """The file with its texts in one language; `texts` by the marks that stand for them."""
        root = deepcopy(self.root)
        for element in root.iter(f"{{{_SVG}}}text"):
            element.text = texts.get(element.text or "", element.text)
        for place, (tag, text) in enumerate((("title", title), ("desc", description))):
            child = ElementTree.Element(f"{{{_SVG}}}{tag}")
            child.text = text
            root.insert(place, child)
        root.set("{http://www.w3.org/XML/1998/namespace}lang", language)
        return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def draw_bars(rows: Sequence[Mapping[str, object]], size: Size) -> Drawing:
    """Horizontal bars from 0, their numbers at their ends.

    A row: `order`, `label` (a mark), `count`, `colour`.
    """
    return _drawn(_bars(size), rows)


def draw_steps(rows: Sequence[Mapping[str, object]], size: Size) -> Drawing:
    """Two dots in a row: a ring where it began, a full dot where it ended.

    A row: `order`, `label` and `steps` (marks), `before`, `after`.
    """
    return _drawn(_steps(size), rows)


def _drawn(spec: Mapping[str, Any], rows: Sequence[Mapping[str, object]]) -> Drawing:
    import vl_convert

    data = [{**d, "values": list(rows)} if d["name"] == _DATA else d for d in spec["data"]]
    root = ElementTree.fromstring(vl_convert.vega_to_svg({**spec, "data": data}))
    for element in root.iter():
        for name in (*_DROPPED, *_ON_ROOT):
            element.attrib.pop(name, None)
    root.attrib.update(_ON_ROOT, role="img")
    return Drawing(root, int(root.attrib["width"]), int(root.attrib["height"]))


@cache
def _bars(size: Size) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart().encode(y=_row_axis())
    count = alt.X("count:Q", axis=None, scale=alt.Scale(range=[0, size.bars], nice=False))
    bars = base.mark_bar(height=16, yOffset=size.lower, stroke=OUTLINE, strokeWidth=1).encode(
        x=count, color=alt.Color("colour:N", scale=None, legend=None)
    )
    numbers = _text(base, "count:Q", count, align="left", dx=6, dy=size.lower)
    return _vega(alt.layer(bars, numbers, _labels(base, size), _zero(base, size)), size)


@cache
def _steps(size: Size) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart().encode(y=_row_axis())
    scale = alt.Scale(range=[0, size.bars], nice=False, zero=True)
    before, after = (alt.X(f"{name}:Q", axis=None, scale=scale) for name in ("before", "after"))
    place: dict[str, Any] = {"yOffset": size.lower, "opacity": 1}
    rail = base.mark_rule(stroke=RULE, **place).encode(x=alt.value(0), x2=alt.value(size.bars))
    move = base.mark_rule(stroke=OUTLINE, strokeWidth=2, **place).encode(x=before, x2="after:Q")
    # the ring is larger, so that both are seen where nothing changed
    ring = base.mark_point(
        shape="circle", size=150, fill="#ffffff", stroke=OUTLINE, strokeWidth=1.5, **place
    ).encode(x=before)
    dot = base.mark_point(shape="circle", size=50, fill=INK, stroke=INK, **place).encode(x=after)
    steps = _text(base, "steps:N", alt.value(size.bars), align="left", dx=14, dy=size.lower)
    return _vega(
        alt.layer(rail, _zero(base, size), move, ring, dot, steps, _labels(base, size)), size
    )


def _row_axis() -> Any:
    import altair as alt

    return alt.Y("order:O", axis=None, scale=alt.Scale(padding=0))


def _labels(base: Any, size: Size) -> Any:
    import altair as alt

    if size.label:
        return _text(base, "label:N", alt.value(0), align="right", dx=-8)
    return _text(base, "label:N", alt.value(0), align="left", dy=-10)


def _zero(base: Any, size: Size) -> Any:
    import altair as alt

    height = size.row if size.label else 20
    return base.mark_tick(
        orient="vertical", size=height, thickness=1, yOffset=size.lower, color=OUTLINE, opacity=1
    ).encode(x=alt.value(0))


def _text(base: Any, field: str, x: Any, **mark: Any) -> Any:
    return base.mark_text(baseline="middle", limit=0, **mark).encode(x=x, text=field)


def _vega(chart: Any, size: Size) -> dict[str, Any]:
    """The chart compiled for drawing; its rows are put in later."""
    import altair as alt
    import vl_convert

    sized = chart.properties(
        data=alt.NamedData(name=_DATA),
        width=size.bars,
        height=alt.Step(size.row),
        padding={
            "left": size.label + EDGE_PX, "right": size.end, "top": EDGE_PX, "bottom": EDGE_PX
        },
        autosize=alt.AutoSizeParams(type="none"),
        background="#ffffff",
    ).configure(
        aria=False,
        view=alt.ViewConfig(stroke=None),
        text=alt.MarkConfig(font=NO_FONT, fontSize=TEXT_PX, color=INK),
    )  # fmt: skip
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(sized.to_dict())
    return compiled

"""What the pictures that the server draws itself have in common: their root, fonts and bytes."""

from __future__ import annotations

from xml.etree import ElementTree

FONTS = '"Noto Sans JP", "Noto Sans CJK JP", "Hiragino Sans", "BIZ UDPGothic", Meiryo, sans-serif'
"""As in server/static/style.css."""
TEXT_PX = 12
SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)


def dress(
    root: ElementTree.Element, width: int, height: int, language: str, title: str, description: str
) -> None:
    """Give the root its size in px, language, fonts, title and text alternative."""
    root.attrib.update(
        {
            "width": str(width),
            "height": str(height),
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "font-family": FONTS,
            "font-size": f"{TEXT_PX}px",
            "{http://www.w3.org/XML/1998/namespace}lang": language,
        }
    )
    for name, text in (("title", title), ("desc", description)):
        ElementTree.SubElement(root, f"{{{SVG}}}{name}").text = text

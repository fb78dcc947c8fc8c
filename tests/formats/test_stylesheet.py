"""The stylesheet of the pages: small, loads nothing, serves both directions of writing, and its colours can be told apart."""

from __future__ import annotations

import re

import pytest

from feedsvc.formats import page_base


def test_the_stylesheet_is_small_and_loads_nothing() -> None:
    style = page_base.stylesheet().decode()
    assert len(style.encode()) <= 16_384
    assert "url(" not in style
    assert "@import" not in style
    assert style.count("{") == style.count("}")
    assert not re.search(r"(margin|padding|border)-(left|right)|float: (left|right)|text-align: (left|right)", style)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "quiet", "accent", "link"])
@pytest.mark.parametrize("ground", ["paper", "tint"])
def test_text_stands_out_from_its_ground(scheme: int, text: str, ground: str) -> None:
    blocks = [block for block in re.findall(r":root \{([^}]*)\}", page_base.stylesheet().decode()) if "--paper" in block]
    colours = dict(re.findall(r"--(\w+): (#\w+)", blocks[scheme]))
    assert contrast(colours[text], colours[ground]) >= 4.5
    assert contrast("#fff", colours["band"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, definition of contrast ratio)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

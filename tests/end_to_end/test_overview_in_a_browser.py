"""The overview as a person sees it: on a desk, a tablet and a phone, by day and by night."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from o2o.metrics.definitions import find
from o2o.report.overview.figures import BY_MONTH, HEADLINES
from tests import browser
from tests.end_to_end.installation import Installation

pytestmark = pytest.mark.e2e
DESK, TABLET, PHONE = 1280, 800, 390
SCREENS = [(DESK, False), (DESK, True), (TABLET, False), (PHONE, False), (PHONE, True)]
# What is drawn and stands out of the screen, beside what is there to be moved sideways.
WIDER = """[...document.querySelectorAll("body *")]
  .filter(each => each.checkVisibility() && !each.closest(".scroll > *, svg *"))
  .filter(each => each.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(each => each.outerHTML.slice(0, 80))"""
CHARTS = """[...document.querySelectorAll("figure svg")].filter(each => each.checkVisibility())
  .map(chart => { const { width, height } = chart.getBoundingClientRect();
    return [width, height, chart.querySelectorAll("text").length]; })"""
# Words of the page: how large they are on the screen, their colour and that behind, and whether
# they lie within the card that they are of, or within what is moved sideways in it.
WORDS = """(() => {
  const behind = each => { for (; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return colour; } };
  return [...document.querySelectorAll("svg text, dt, dd, dd b, h1, h2, h3, p, a, summary")]
    .filter(each => each.checkVisibility() && each.textContent.trim())
    .map(each => {
      const style = getComputedStyle(each), box = each.getBoundingClientRect();
      const svg = each.closest("svg"), card = each.closest("figure");
      const within = (each.closest(".scroll") && svg) || card || each;
      const edges = within.getBoundingClientRect();
      return { words: each.textContent.trim().slice(0, 40), height: box.height, width: box.width,
        size: parseFloat(style.fontSize) * (svg ? each.getScreenCTM().d : 1),
        colour: svg ? style.fill : style.color, behind: behind(card || each),
        inside: box.left >= edges.left && box.right <= edges.right
          && box.top >= edges.top && box.bottom <= edges.bottom };
    }); })()"""


@pytest.fixture(scope="module")
def overview(
    sound: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[browser.Page]:
    with browser.opened(tmp_path_factory.mktemp("profile")) as page:
        page.open(sound.home / "reports" / "overview.html", DESK)
        yield page


@pytest.fixture(
    params=SCREENS, ids=lambda screen: f"{screen[0]}-{'dark' if screen[1] else 'light'}"
)
def shown(
    overview: browser.Page, sound: Installation, request: pytest.FixtureRequest, tmp_path: Path
) -> browser.Page:
    width, is_dark = request.param
    overview.open(sound.home / "reports" / "overview.html", width, is_dark=is_dark)
    overview.picture(tmp_path / "overview.png")
    return overview


def test_the_browser_hears_of_what_goes_wrong(overview: browser.Page, tmp_path: Path) -> None:
    """Else silence would say nothing."""
    (tmp_path / "bad.html").write_text(
        """<meta name="viewport" content="width=device-width"><p style="width: 999px">wide</p>
        <img src="http://nobody.invalid/x.png"><script>console.error("oh"); nobody()</script>"""
    )
    overview.open(tmp_path / "bad.html", PHONE)
    assert overview.asked == ["http://nobody.invalid/x.png"]
    assert {"oh", "Uncaught"} <= set(overview.complaints)
    (wide,) = overview.run(WIDER)
    assert "wide" in wide


def test_it_says_nothing_to_the_console_and_asks_nobody(shown: browser.Page) -> None:
    assert (shown.complaints, shown.asked) == ([], [])


def test_nothing_is_wider_than_the_screen(shown: browser.Page) -> None:
    shown.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert shown.run(WIDER) == []
    assert shown.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_its_words_can_be_read(shown: browser.Page) -> None:
    """Of a size to read, within their chart, and of enough contrast (WCAG 2.2, 1.4.3)."""
    words = shown.run(WORDS)
    assert len(words) > 100
    for each in words:
        assert each["size"] >= 11, each
        assert each["inside"], each
        assert min(each["height"], each["width"]) > 2, each
        assert _contrast(each["colour"], each["behind"]) >= 4.5, each


def test_every_chart_is_drawn(shown: browser.Page) -> None:
    charts = shown.run(CHARTS)
    assert len(charts) >= 7  # channels, paths, two of shops, traffic, two scores
    for width, height, words in charts:
        assert width > 280
        assert height > 120
        assert words >= 4


def test_its_main_figures_are_those_that_are_queried(
    shown: browser.Page, sound: Installation
) -> None:
    period = shown.run("document.querySelector('h1').innerText")
    assert period == "1 – 27 February 2026"
    read = shown.run(
        "Object.fromEntries([...document.querySelectorAll('data.figure')]"
        ".map(each => [each.dataset.metric, each.innerText]))"
    )
    assert read.keys() >= {*HEADLINES, *BY_MONTH}
    asked = _queried(sound, [name for name in read if name not in BY_MONTH], date(2026, 2, 27))
    asked |= _queried(sound, BY_MONTH, date(2026, 2, 28))
    for name, text in read.items():
        value, half = _number(text)
        if text.endswith("hours"):
            value, half = 60 * value, 60 * half
        assert value == pytest.approx(asked[name], abs=1.01 * half, rel=0), (name, text)
        assert ("%" in text) == (find(name).unit == "share"), (name, text)
        assert text.endswith("EUR") == (find(name).unit == "money"), (name, text)


def _queried(
    sound: Installation, names: list[str] | tuple[str, ...], until: date
) -> dict[str, float]:
    said = sound.o2o(
        "metrics", "query", *names, "--since", "2026-02-01", "--until", str(until), "--csv"
    )
    (row,) = csv.DictReader(said.splitlines())
    return {name: float(row[name]) for name in names}


def _number(text: str) -> tuple[float, float]:
    """What somebody reads, and half of its last digit."""
    match = re.match(r"([−-]?[\d,]+)(\.\d+)?", text)
    assert match, text
    scale = 0.01 if "%" in text else 1
    digits = "".join(match.groups(default="")).replace(",", "").replace("−", "-")
    return float(digits) * scale, 0.5 * scale / 10 ** max(0, len(match[2] or ".") - 1)


def _contrast(one: str, other: str) -> float:
    """By the luminance of both (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""The owners' page: plain words, both totals, the gap, the culprits, in one self-contained file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from expectations import runner
from expectations.runner import AuditResult, CheckResult, Culprit, Total
from o2o.company import Contact
from o2o.report.page import amount, write

PUBLISHED = {
    "audit_id": "a-marts",
    "published_at": "2026-06-01T04:30:00+00:00",
    "tables": {"fct_orders": 1200, "dim_stores": 12},
}
PASSED = CheckResult(
    name="till_sales_match_payments",
    suite="silos",
    severity="fail",
    owner="store-operations",
    status="passed",
    title="Till sales and payments agree",
    means="Money was taken that no sale explains.",
    action="Call the store.",
    left_label="till sales",
    right_label="payments",
    allowed="no difference",
    compared=300,
    off=0,
    totals=[Total("EUR", Decimal(2754158), Decimal(2754158), Decimal(0))],
    culprits=[],
)
FAILED = replace(
    PASSED,
    status="failed",
    off=1,
    totals=[
        Total("EUR", Decimal(2727482), Decimal(2754158), Decimal(-26676)),
        Total("JPY", Decimal(981899), Decimal(981899), Decimal(0)),
    ],
    culprits=[
        Culprit(
            "S002 <b>",
            "2026-02-27",
            "EUR",
            Decimal(0),
            Decimal(26676),
            Decimal(-26676),
            Decimal(0),
            "P29DD, P4BE8",
        )
    ],
)
WARNED = replace(FAILED, name="stale_feed", severity="warn", owner="data-platform")
STREAM = {
    "source": "square",
    "title": "Square",
    "stream": "orders",
    "rows": 532,
    "loads": 2,
    "quarantined": 3,
    "newest": "2026-03-02T23:41:00Z",
    "last_extracted_at": "2026-03-03T00:10:00Z",
}


def verdict(boundary: runner.Boundary, *checks: CheckResult) -> AuditResult:
    return AuditResult(
        f"a-{boundary}",
        boundary,
        "2026-06-01T04:00:00+00:00",
        "s",
        list(checks),
        [STREAM] if boundary == "landing" else [],
    )


def page(folder: Path, *audits: AuditResult, published: dict[str, object] | None = None) -> str:
    for audit in audits:
        runner.save(audit, folder)
    manifest = folder / "manifest.json"
    if published:
        manifest.write_text(json.dumps(published))
    return write(folder, manifest).read_text(encoding="utf-8")


def words(html: str) -> str:
    """What a reader sees, with single spaces."""
    text = re.sub(r"<(style|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize(
    ("checks", "published", "title", "text"),
    [
        ([PASSED], PUBLISHED, "Published", "Everybody reads the figures of 1 June 2026, 04:30 UTC"),
        ([PASSED, WARNED], PUBLISHED, "Published with warnings", "One warning to look at"),
        ([FAILED, WARNED], PUBLISHED, "Held back", "The last good publication, of 1 June 2026"),
        ([FAILED], None, "Held back", "Nothing has been published yet."),
        ([PASSED], None, "Passed, not published yet", "Nothing holds it back."),
        ([PASSED], {**PUBLISHED, "audit_id": "older"}, "Passed, not published yet", "stays in"),
    ],
)
def test_headline_says_what_became_of_the_data(
    tmp_path: Path,
    checks: list[CheckResult],
    published: dict[str, object] | None,
    title: str,
    text: str,
) -> None:
    html = page(tmp_path, verdict("marts", *checks), published=published)
    assert f"<h1>{title}</h1>" in html
    assert text in words(html)


def test_page_exists_before_anything_was_audited(tmp_path: Path) -> None:
    assert "Not audited yet" in page(tmp_path)


def test_failed_landing_holds_back_too(tmp_path: Path) -> None:
    html = page(tmp_path, verdict("landing", FAILED), verdict("marts", PASSED), published=PUBLISHED)
    assert "<h1>Held back</h1>" in html


def test_failed_check_shows_totals_gap_culprit_and_what_to_do(tmp_path: Path) -> None:
    text = words(page(tmp_path, verdict("marts", FAILED)))
    for expected in (
        "Holds the publication back",
        "Money was taken that no sale explains.",
        "What to do: Call the store.",
        "Till sales 27,274.82 EUR",
        "Payments 27,541.58 EUR",
        "Gap over everything compared: −266.76 EUR",
        "In agreement: 981,899 JPY",
        "1 of 300 comparisons are off",
        "2026-02-27",
        "P29DD, P4BE8",
    ):
        assert expected in text


def test_gravest_owner_and_check_come_first(tmp_path: Path) -> None:
    passed = replace(PASSED, name="a_fine_one", title="A fine one")
    text = words(page(tmp_path, verdict("marts", passed, WARNED, FAILED)))
    assert text.index("Store operations") < text.index("Data platform")
    assert text.index("Holds the publication back") < text.index("A fine one")


def test_who_answers_for_a_role_is_named_where_the_company_says(tmp_path: Path) -> None:
    ida = Contact("Ida <Q>", "ida@shop.example", "+49 30 1234")
    assert "Ida" not in page(tmp_path, verdict("marts", FAILED, WARNED))
    html = write(tmp_path, tmp_path / "manifest.json", {"store-operations": ida}).read_text()
    assert "Ida &lt;Q&gt;" in html
    assert 'href="tel:+49301234"' in html
    words = " ".join(re.sub(r"<[^>]+>", "", html).split())
    assert "ida@shop.example +49 30 1234" in words, "one after the other, not in one"
    assert html.count('href="mailto:ida@shop.example"') == html.count("mailto:") == 1


def test_landed_streams_are_listed(tmp_path: Path) -> None:
    text = words(page(tmp_path, verdict("landing", PASSED)))
    assert "Square 532 3 2 March 2026, 23:41 UTC" in text
    assert "orders 532 3 2 March 2026, 23:41 UTC 3 March 2026, 00:10 UTC" in text


def test_page_is_self_contained_well_formed_and_escaped(tmp_path: Path) -> None:
    html = page(tmp_path, verdict("landing", PASSED), verdict("marts", FAILED, WARNED))
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)
    assert "<script" not in html
    assert "S002 &lt;b&gt;" in html

    class Balance(HTMLParser):
        stack: list[str] = []  # noqa: RUF012 - one parser, one list
        headings: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag: str, attrs: object) -> None:
            if tag not in ("meta", "br"):
                self.stack.append(tag)
            if re.fullmatch("h[1-6]", tag):
                self.headings.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert self.stack.pop() == tag

    parser = Balance()
    parser.feed(html)
    assert parser.stack == []
    assert parser.headings[0] == "h1"
    assert parser.headings.count("h1") == 1


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Decimal(123450), "EUR", "1,234.50 EUR"),
        (Decimal(-1), "EUR", "−0.01 EUR"),
        (Decimal(389100), "JPY", "389,100 JPY"),
        (Decimal(1234), "KWD", "1.234 KWD"),
        (Decimal("67.89"), "conversions", "67.89 conversions"),
        (Decimal(12345678), "micros", "12.35"),
        (Decimal(90071992547409931), "EUR", "900,719,925,474,099.31 EUR"),
        (None, "orders", "unknown"),
    ],
)
def test_amounts_are_written_for_people(value: Decimal | None, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_what_is_ahead_stands_above_all_and_is_escaped(tmp_path: Path) -> None:
    html = write(tmp_path, tmp_path / "none.json", ahead=["Acme: ends <b>soon</b>"]).read_text()
    assert "! Acme: ends &lt;b&gt;soon&lt;/b&gt;" in html
    assert 'id="ahead"' not in write(tmp_path, tmp_path / "none.json").read_text()

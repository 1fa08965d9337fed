"""Who is who on ordinary data: scenarios written down as text, all of them in one build."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from identifiers import reading
from tests.dbt_project.identity_scenarios import language, payloads
from tests.dbt_project.identity_scenarios.built import Built, scenarios
from tests.dbt_project.identity_scenarios.language import Scenario, ScenarioError

ALL = scenarios()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("identity_scenarios"), ALL)


@pytest.mark.e2e
@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.id)
def test_scenario(built: Built, scenario: Scenario) -> None:
    faults = built.faults(scenario)
    assert not faults, "\n".join([scenario.place, *faults])


@pytest.mark.e2e
@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.id)
def test_an_erasure_lists_whose_it_is_and_nobody_elses(built: Built, scenario: Scenario) -> None:
    faults = built.erasures[scenario.number]
    assert not faults, "\n".join([scenario.place, *faults])


@pytest.mark.e2e
def test_ordinary_customers_are_whole(built: Built) -> None:
    assert built.faults(built.crowd) == []


@pytest.mark.e2e
def test_two_builds_find_the_people_that_one_finds(
    built: Built, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What a record said before is not forgotten, and not only known to a full refresh."""
    in_two = Built(tmp_path_factory.mktemp("in_two"), ALL, is_in_two=True)
    other = [one.id for one in ALL if in_two.people(one) != built.people(one)]
    assert not other


@pytest.mark.e2e
def test_no_person_spans_two_scenarios(built: Built) -> None:
    assert built.spanning() == []


def test_no_two_scenarios_share_an_identifier() -> None:
    """So that what one says does not depend on another."""
    carried: dict[tuple[str, str], set[str]] = defaultdict(set)
    for scenario in ALL:
        for line in scenario.lines:
            for name in ("email", "more_emails", "buyer_email"):
                for text in line.fields.get(name, "").split(";"):
                    carried["email", reading.email(text) or text].add(scenario.id)
            for name in ("phone", "mobile", "to_phone"):
                digits = "".join(one for one in line.fields.get(name, "") if one.isdigit())
                carried["phone", digits[-9:]].add(scenario.id)
            carried["card", line.fields.get("loyalty", "")].add(scenario.id)
            for name in payloads.REFERENCES:
                if name in line.quoted:
                    carried[name, line.fields[name]].add(scenario.id)
    shared = {
        value: sorted(found) for (_, value), found in carried.items() if len(found) > 1 and value
    }
    assert not shared


def test_every_title_is_one() -> None:
    assert len({scenario.title for scenario in ALL}) == len(ALL)


ANNA = "Two of them\n  shop customer anna name=Anna\n"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("  shop customer anna\n", "kind.txt:1: a record before the first title"),
        ("Nobody\n", "kind.txt:1: expects nothing"),
        (ANNA + "  shop guest bob\n", "kind.txt:3: is no record, expectation or title: shop guest"),
        (ANNA + "  shop customer bob nmae=Bob\n", "kind.txt:3: shop customer has no field nmae"),
        (ANNA + "  shop customer bob name=Bob Ross\n", "kind.txt:3: is no field: Ross"),
        (ANNA + "  shop customer bob at=yesterday\n", "kind.txt:3: is not a valid time: yesterday"),
        (ANNA + "  shop order anna\n  whole: anna\n", "kind.txt:3: anna is a shop customer"),
        (ANNA + "  together: anna\n", "kind.txt:3: unknown word: together"),
        (ANNA + "  whole: anna bob\n", "kind.txt:3: there is no record bob"),
        (ANNA + "  whole: anna | anna\n", "kind.txt:3: names a record twice, or none"),
        (ANNA + "  persons: anna |\n", "kind.txt:3: names a record twice, or none"),
        (ANNA + "  apart: anna\n", "kind.txt:3: apart from whom?"),
        (ANNA + "  open: anna\n", "kind.txt:3: open, but `because:` does not say why"),
    ],
)
def test_a_line_that_says_nothing_is_an_error(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "kind.txt").write_text(text)
    with pytest.raises(ScenarioError) as raised:
        language.read(tmp_path, payloads.KINDS)
    assert str(raised.value).startswith(fault)


@pytest.mark.parametrize("field", ["user=anna", "user=bob"])
def test_a_field_names_a_record_of_the_scenario(tmp_path: Path, field: str) -> None:
    text = f"One\n  shop customer anna\n  web browser b {field}\n  whole: anna\n"
    (tmp_path / "kind.txt").write_text(text)
    (scenario,) = language.read(tmp_path, payloads.KINDS)
    if field == "user=anna":
        payloads.World().add(scenario)
        return
    with pytest.raises(ScenarioError, match=r"kind\.txt:3: there is no record bob"):
        payloads.World().add(scenario)


def test_repeats_ranges_versions_and_quotes(tmp_path: Path) -> None:
    (tmp_path / "kind.txt").write_text(
        """Many
  # a remark
  2 x shop customer c{n} email={name}@example.org name="{name} \\u0141"
  shop customer c1 at=2026-05-01 email=
  apart: each c1..2
  whole: c1..2
""",
        encoding="utf-8",
    )
    (scenario,) = language.read(tmp_path, payloads.KINDS)
    assert [line.fields["email"] for line in scenario.lines] == [
        "Anna@example.org", "Bernd@example.org", "",
    ]  # fmt: skip
    assert scenario.lines[0].fields["name"] == "Anna Ł"
    assert [expectation.parts for expectation in scenario.expectations] == [
        (("c1",), ("c2",)), (("c1", "c2"),),
    ]  # fmt: skip
    world = payloads.World()
    world.add(scenario)
    ((_, changed_at, changed),) = world.loads["shopify", "customers", 1]
    assert changed_at == "2026-05-01T00:00:00Z"
    assert changed["createdAt"] == "2026-03-02T10:00:00Z"
    assert (changed["lastName"], changed["defaultEmailAddress"]) == ("Ł", None)

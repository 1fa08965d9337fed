"""Suggestions for stores: what people would match by eye, and nothing that they would not."""

from __future__ import annotations

from o2o.company.store_matching import Location, suggest


def place(kind: str, name: str, city: str = "", store: str | None = None, id: str = "") -> Location:
    return Location(kind, kind, id or name, name, city, store)


def suggested(*locations: Location) -> dict[str, str]:
    return {one.location.kind + " " + one.location.name: one.store_id for one in suggest(locations)}


def test_words_in_any_order_and_the_companys_own_are_left_out() -> None:
    known = [
        place("till", "Vale Main Street", store="A"),
        place("till", "Vale Harbour", store="B"),
        place("till", "Vale Königsallee", store="C"),
    ]
    assert suggested(
        *known,
        place("web_shop", "Main Street (Vale)"),
        place("counter", "door harbor"),
        place("beacon", "KONIGSALLEE"),
    ) == {
        "web_shop Main Street (Vale)": "A",
        "counter door harbor": "B",
        "beacon KONIGSALLEE": "C",
    }


def test_numbers_are_not_alike_they_are_equal() -> None:
    known = [place("till", "Shop 3 Berlin", store="three"), place("till", "Shop 10", store="ten")]
    found = suggested(*known, place("counter", "Shop 10 door"), place("beacon", "Shop 33"))
    assert found == {"counter Shop 10 door": "ten", "beacon Shop 33": "beacon:Shop 33"}


def test_the_same_name_in_another_city_is_another_store() -> None:
    known = [
        place("till", "Station", "Bern", "bern"),
        place("till", "Station", "Basel", "basel", "2"),
    ]
    assert suggested(*known, place("web_shop", "Station", "Basel")) == {"web_shop Station": "basel"}


def test_unknown_tills_are_what_the_others_are_compared_with() -> None:
    found = suggested(
        place("till", "Market"), place("counter", "Market"), place("till", "Mill", id="2")
    )
    assert found == {
        "till Market": "till:Market",
        "counter Market": "till:Market",
        "till Mill": "till:2",
    }


def test_two_locations_of_one_system_are_two_stores() -> None:
    found = suggested(place("till", "Market", store="A"), place("till", "Market", id="2"))
    assert found == {"till Market": "till:2"}

"""What Radar serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import START, Built

pytestmark = pytest.mark.e2e
# Radar knows neither Wi-Fi nor tags; what it heard of before the first day does not land.
SEEN = f"signal in ('beacon', 'app_location') and received_at >= timestamp '{START}'"
MS = "date_trunc('millisecond', {})"


@pytest.fixture(scope="module")
def radar(places: Callable[[str], Built]) -> Built:
    return places("radar")


def test_the_contracts_hold(radar: Built) -> None:
    radar.assert_contracts_hold()


def test_pings(radar: Built) -> None:
    radar.assert_same(
        f"""select ping_id, device_id, signal, store_code, accuracy_m,
            {MS.format("observed_at")}, {MS.format("received_at")}
        from {radar.world("pings")} join {radar.world("shops")} using (shop_no) where {SEEN}""",
        f"""select ping_id, app_device_id, signal, store_code, accuracy_meters, observed_at,
            received_at
        from {radar.contract("pings")} join {radar.contract("locations")}
            using (connection, location_kind, location_id)""",
    )


def test_geofences_and_beacons_are_locations_before_anybody_came(radar: Built) -> None:
    radar.assert_same(
        f"""select store_code, 2 from {radar.world("shops")}""",
        f"""select store_code, count(*)::integer from {radar.contract("locations")} group by all""",
    )


def test_who_uses_a_phone(radar: Built) -> None:
    radar.assert_same(
        f"""select distinct user_id, device_id from {radar.world("pings")}
        where {SEEN} and user_id is not null""",
        f"""select record_id, identifier_value from {radar.contract("person_identifiers")}
        where record_kind = 'customer' and record_connection is null""",
    )

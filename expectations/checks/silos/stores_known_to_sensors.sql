{% from "silos/_known_stores.sql" import known_stores %}
{{ known_stores([
    ("stores with door counters", "is_known_to_counters"),
    ("stores with beacons", "is_known_to_beacons"),
]) }}

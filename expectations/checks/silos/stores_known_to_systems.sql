{% from "silos/_known_stores.sql" import known_stores %}
{{ known_stores([
    ("stores in Square", "is_known_to_tills"),
    ("stores in Shopify", "is_known_to_web_shop"),
]) }}

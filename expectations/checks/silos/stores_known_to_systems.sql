{% from "silos/_known_stores.sql" import known_stores %}
{{ known_stores([
    ("stores in the tills", "is_known_to_tills"),
    ("stores in the web shop", "is_known_to_web_shop"),
]) }}

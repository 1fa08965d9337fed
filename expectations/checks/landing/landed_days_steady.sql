{% from "landing/_shrunk.sql" import shrunk %}
{% set percent = limits.percent %}
{% set least = limits.rows %}
{% set days = limits.load_days %}
{{ shrunk(percent, least, days) }}

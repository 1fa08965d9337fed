{% from "publication/_lost.sql" import lost %}
{% set percent = limits.percent %}
{% set of_a_day = limits.of_a_day %}
{{ lost(percent, of_a_day) }}

{# How many of a count may be off by chance where so many of a thousand are: the mean, three standard deviations (of a
   Poisson distribution), and one. #}
{% macro by_chance(counted, per_1000) -%}
    cast(floor(
        1 + {{ counted }} * {{ per_1000 }} / 1000.0
        + 3 * sqrt({{ counted }} * {{ per_1000 }} / 1000.0)
    ) as bigint)
{%- endmacro %}

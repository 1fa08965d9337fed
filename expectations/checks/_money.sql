{# How many minor units one unit of the reporting currency has: 100 cents, 1 yen. #}
{% macro minor_units() -%}
(
    select max(case exponent when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end)
    from intermediate.int_currencies__rates
    where currency_code = reporting_currency_code
)
{%- endmacro %}

{# An amount in minor units; its decimals leave room for what a union puts below it. #}
{% macro in_minor_units(amount) -%}
cast({{ amount }} * {{ minor_units() }} as decimal(38, 6))
{%- endmacro %}

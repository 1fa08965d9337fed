{#- The percentage of one of Clover's discounts, as an expression of what stands for it; null where it is an amount. -#}
{% macro percent_of(discount) -%}
    coalesce(
        try_cast({{ discount }}.percentageDecimal as decimal(28, 8)) / 10000,
        try_cast({{ discount }}.percentage as decimal(28, 8))
    )
{%- endmacro %}

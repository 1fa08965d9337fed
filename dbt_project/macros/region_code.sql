{#- A region under one name in all systems: ISO 3166-2 (DE-BY). Some name the country with it, some not. -#}
{% macro region_code(country_code, region) -%}
    case
        when {{ region }} like '__-%' then {{ region }}
        when {{ country_code }} is not null and {{ region }} <> '' then concat({{ country_code }}, '-', {{ region }})
    end
{%- endmacro %}

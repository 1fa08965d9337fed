{#- A region under one name in all systems: ISO 3166-2 (DE-BY). Some name the country with it, some not. What is no such
    code is none: some systems have names there (Bayern), or whatever somebody typed. -#}
{% macro region_code(country_code, region) -%}
    case
        when {{ matches(region, "'^[A-Z][A-Z]-[A-Z0-9]{1,3}$'") }} then {{ region }}
        when {{ country_code }} is not null and {{ matches(region, "'^[A-Za-z0-9]{1,3}$'") }}
            then concat({{ country_code }}, '-', upper({{ region }}))
    end
{%- endmacro %}

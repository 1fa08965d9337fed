{#- A birth date as a system spells it (1984-03-25). Null where it is not a day of the calendar, or where the
    year was not told (0000-03-25). -#}
{% macro birth_date(text) -%}
    case
        when {{ matches(text, "'^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$'") }} then try_cast({{ text }} as date)
    end
{%- endmacro %}

{#- Numbers from text. Null where it is no such number: a fraction is no number of cents, and rounding it would hide
    that somebody sends euros. NaN and infinity are no numbers. -#}

{#- Up to 18 digits, as bigint. -#}
{% macro whole(text, digits=18, sign='[-+]?') -%}
    case
        when {{ matches(text, "'^ *" ~ sign ~ "[0-9]+([.]0*)? *$'") }}
            then cast(try_cast({{ text }} as decimal({{ digits }}, 0)) as bigint)
    end
{%- endmacro %}

{#- Minor units: up to 15 digits, so that thousands of them can be added and converted. -#}
{% macro minor(text) -%}
    {{ whole(text, 15) }}
{%- endmacro %}

{#- How many: up to 9 digits, and not fewer than none. -#}
{% macro counted(text) -%}
    {{ whole(text, 9, '[+]?') }}
{%- endmacro %}

{#- An amount of money, or another number of as many digits: up to 12 before the point and 8 behind it. -#}
{% macro amount(text) -%}
    try_cast({{ text }} as decimal(20, 8))
{%- endmacro %}

{#- An amount whose thousands may stand apart: 1,234.56. Null where they do not stand in threes: 12,50 is no 1,250. -#}
{% macro grouped(text) -%}
    {{ amount(
        "case when " ~ matches(text, "'^ *[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]*)? *$'")
        ~ " then replace(" ~ text ~ ", ',', '') end"
    ) }}
{%- endmacro %}

{#- Ten digits before the point and behind it. -#}
{% macro rate(text) -%}
    try_cast({{ text }} as decimal(20, 10))
{%- endmacro %}

{% macro flag(text) -%}
    case lower({{ text }}) when 'true' then true when 'false' then false end
{%- endmacro %}

{#- Microseconds since 1970: up to 16 digits, which is a day in the year 2286. -#}
{% macro microseconds_since_1970(text) -%}
    {{ whole(text, 16) }}
{%- endmacro %}

{#- Milliseconds since 1970: up to 14 digits, which is a day in the year 5138. -#}
{% macro milliseconds_since_1970(text) -%}
    {{ whole(text, 14) }}
{%- endmacro %}

{#- What products are told apart and matched by. -#}

{#- A GTIN with 14 digits: of the 8, 12, 13 or 14 that a barcode has, with the right check digit. Null for what is none,
    and for the numbers that GS1 leaves to each shop (prefixes 02, 04 and 20 to 29, in short codes 0 and 2): they mean
    another thing in the next one, or have a weight in them. -#}
{% macro gtin(barcode) -%}
    {%- set digits = replace_pattern(barcode, '[ -]', '') -%}
    {%- set padded = "lpad(" ~ digits ~ ", 14, '0')" -%}
    case
        when {{ matches(digits, "'^([0-9]{8}|[0-9]{12,14})$'") }}
            and not {{ matches(padded, "'^(0{14}|02|00[24]|0{6}[02])'") }}
            and (
                {%- for place in range(1, 15) %}
                {{ '+ ' if not loop.first }}cast(substring({{ padded }}, {{ place }}, 1) as integer)
                {{- ' * 3' if place % 2 }}
                {%- endfor %}
            ) % 10 = 0
            then {{ padded }}
    end
{%- endmacro %}

{#- A code as it is compared: people and systems write it in capitals or not. -#}
{% macro same_code(code) -%}
    nullif(upper(trim({{ code }})), '')
{%- endmacro %}

{#- An amount's part for some of the quantity that it is for. Quantities have five decimals. -#}
{% macro of_quantity(amount_minor, part, quantity) -%}
    cast({{ divide_rounded(
        amount_minor, 'cast(' ~ part ~ ' * 100000 as bigint)', 'cast(' ~ quantity ~ ' * 100000 as bigint)'
    ) }} as bigint)
{%- endmacro %}

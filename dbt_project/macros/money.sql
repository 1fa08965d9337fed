{#- Money is integers in minor units; these are the only places where it is converted or rounded.
    Rounding is half away from zero on every engine, on exact decimals or integers: two engines may
    differ in a float's last digit, and that digit may tip a cent. -#}

{#- A decimal amount (text or number) to minor units of a currency with `exponent` decimals. Null for
    an unknown currency, and for what is no amount. -#}
{% macro to_minor(amount, exponent) -%}
    try_cast(round(
        try_cast({{ amount }} as decimal(28, 8))
        * case {{ exponent }} when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end
    ) as bigint)
{%- endmacro %}

{#- A decimal amount (text or number) to millionths of a currency's main unit, whatever its exponent. -#}
{% macro to_micros(amount) -%}
    try_cast(round(try_cast({{ amount }} as decimal(28, 8)) * 1000000) as bigint)
{%- endmacro %}

{#- A part of a price that has tax in it, without the tax: it holds as much tax for its size as the whole does,
    `taxed_minor` with `tax_minor` of it. -#}
{% macro without_tax(part_minor, tax_minor, taxed_minor) -%}
    case
        when {{ taxed_minor }} > 0 and {{ tax_minor }} <> 0
            then cast({{ divide_rounded(part_minor, '(' ~ taxed_minor ~ ' - ' ~ tax_minor ~ ')', taxed_minor) }} as bigint)
        else {{ part_minor }}
    end
{%- endmacro %}

{#- Minor units to minor units of the reporting currency. -#}
{% macro to_reporting_minor(amount_minor, minor_rate) -%}
    cast(round(cast({{ amount_minor }} as decimal(18, 0)) * {{ minor_rate }}) as bigint)
{%- endmacro %}

{#- A part of a whole in the reporting currency. Who books in it, at a rate of its own, is taken at its word:
    the part has as much of `book_minor` as of the whole. Without a whole, it is all of it. -#}
{% macro booked_or_rated(part_minor, whole_minor, book_currency_code, book_minor, minor_rate) -%}
    case
        when {{ part_minor }} = 0 then 0
        when
            {{ book_currency_code }} = '{{ var("reporting_currency") }}'
            and coalesce({{ part_minor }} = {{ whole_minor }}, true)
            then {{ book_minor }}
        when {{ book_currency_code }} = '{{ var("reporting_currency") }}'
            then cast({{ divide_rounded(book_minor, part_minor, whole_minor) }} as bigint)
        else {{ to_reporting_minor(part_minor, minor_rate) }}
    end
{%- endmacro %}

{#- A part of a whole whose worth in the reporting currency is known: at the whole's own rate, whoever said it. -#}
{% macro at_rate_of(part_minor, whole_minor, whole_reporting_minor, minor_rate) -%}
    case
        when {{ part_minor }} = 0 then 0
        when {{ whole_minor }} > 0
            then cast({{ divide_rounded(part_minor, whole_reporting_minor, whole_minor) }} as bigint)
        else {{ to_reporting_minor(part_minor, minor_rate) }}
    end
{%- endmacro %}

{#- Minor units of the reporting currency as an amount with that currency's decimals. -#}
{% macro reporting_amount(amount_minor, exponent=none) -%}
    {%- set exponent = (var('reporting_exponent') if exponent is none else exponent) | int -%}
    {%- if exponent == 0 -%}
        cast({{ amount_minor }} as decimal(18, 0))
    {%- else -%}
        cast(
            cast({{ amount_minor }} as decimal(16, 0))
            * cast({{ '0.' ~ '0' * (exponent - 1) ~ '1' }} as decimal({{ exponent + 1 }}, {{ exponent }}))
            as decimal(18, {{ exponent }})
        )
    {%- endif -%}
{%- endmacro %}

{#- A rate, decimal(20, 10), without its point. In two steps, because a decimal has no more than 38 digits. -#}
{% macro without_point(rate) -%}
    {{- adapter.dispatch('without_point', 'o2o')('cast(' ~ rate ~ ' * 100000 as decimal(25, 5)) * 100000') -}}
{%- endmacro %}

{% macro duckdb__without_point(number) -%}
    cast({{ number }} as hugeint)
{%- endmacro %}

{% macro spark__without_point(number) -%}
    cast({{ number }} as decimal(20, 0))
{%- endmacro %}

{#- dividend * factor / divisor as a whole number, rounded. Factor and divisor are positive. -#}
{% macro divide_rounded(dividend, factor, divisor) -%}
    {{ adapter.dispatch('divide_rounded', 'o2o')(dividend, factor, divisor) }}
{%- endmacro %}

{#- Whole numbers as a ratio with so many decimals, exact to the last one. The divisor is positive. -#}
{% macro exact_ratio(dividend, divisor, decimals, precision=18) -%}
    cast(
        {{ divide_rounded(dividend, 10 ** decimals, divisor) }}
        * {{ '0.' ~ '0' * (decimals - 1) ~ '1' }}
        as decimal({{ precision }}, {{ decimals }})
    )
{%- endmacro %}

{#- dividend * factor / divisor, in integers that are wide enough for what comes in between. -#}
{% macro duckdb__divide_rounded(dividend, factor, divisor) -%}
    cast(
        sign({{ dividend }}) * (
            (2 * abs(cast({{ dividend }} as hugeint)) * {{ factor }} + ({{ divisor }}))
            // (2 * cast({{ divisor }} as hugeint))
        ) as decimal(18, 0)
    )
{%- endmacro %}

{% macro spark__divide_rounded(dividend, factor, divisor) -%}
    cast(
        sign({{ dividend }}) * (
            (cast(2 * abs(cast({{ dividend }} as decimal(24, 0))) as decimal(25, 0)) * {{ factor }} + ({{ divisor }}))
            div (2 * cast({{ divisor }} as decimal(24, 0)))
        ) as decimal(18, 0)
    )
{%- endmacro %}

{#- Credit in integers. A part of a whole as billionths: conversion to and division of doubles are
    exactly rounded by IEEE 754, so every engine gets the same digits; the whole of a whole is
    1000000000 exactly, and a larger part never gets less. -#}
{% macro billionths(part, whole) -%}
    cast(floor(1000000000 * (cast({{ part }} as double) / cast({{ whole }} as double)) + 0.5) as bigint)
{%- endmacro %}

{#- So many billionths of money in minor units, rounded half away from zero. Up to four million the
    product is a whole number that a double holds, and its quotient lies too far from a half to be
    rounded across one; decimals do the same for larger amounts, but take far longer. -#}
{% macro money_share(amount_minor, billionths) -%}
    case
        when {{ amount_minor }} between -4000000 and 4000000
            then cast(
                sign({{ amount_minor }})
                * floor(abs(cast({{ amount_minor }} as double)) * {{ billionths }} / cast(1000000000 as double) + 0.5)
                as bigint
            )
        else
            cast(round(
                cast({{ amount_minor }} as decimal(27, 0))
                * cast(cast({{ billionths }} as bigint) * cast(0.000000001 as decimal(9, 9)) as decimal(10, 9))
            ) as bigint)
    end
{%- endmacro %}

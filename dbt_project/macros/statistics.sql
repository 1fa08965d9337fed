{#- Intervals in doubles. The operations used (+ - * / sqrt) are exactly rounded by IEEE 754, and each
    formula has one order, so that every engine gets the same digits. -#}

{% macro normal_quantile() -%}
    cast(1.959963984540054 as double)
{%- endmacro %}

{#- The 97.5% quantile of Student's t, by the expansion of Cornish and Fisher: off by 0.6% at 6 degrees
    of freedom, by less than a thousandth from 13 on. -#}
{% macro student_quantile(degrees) -%}
    (
        {{ normal_quantile() }}
        + cast(2.3722712 as double) / ({{ degrees }})
        + cast(2.8224986 as double) / ({{ degrees }}) / ({{ degrees }})
    )
{%- endmacro %}

{#- An end of the 95% interval of a rate of successes in trials, each by itself (Wilson 1927), with six
    decimals. It never leaves 0 to 1, and holds for few trials, too. -#}
{% macro wilson(successes, trials, end) -%}
    cast(
        cast(floor(1000000 * (
            2 * cast({{ successes }} as double)
            + {{ normal_quantile() }} * {{ normal_quantile() }}
            {{ {'low': '-', 'high': '+'}[end] }} {{ normal_quantile() }} * sqrt(
                {{ normal_quantile() }} * {{ normal_quantile() }}
                + 4 * cast({{ successes }} as double)
                * (cast({{ trials }} as double) - cast({{ successes }} as double)) / cast({{ trials }} as double)
            )
        ) / (2 * (cast({{ trials }} as double) + {{ normal_quantile() }} * {{ normal_quantile() }})) + 0.5) as bigint)
        * cast(0.000001 as decimal(6, 6)) as decimal(9, 6)
    )
{%- endmacro %}

{#- An end of the 95% interval of a net promoter score, -100 to 100, with four decimals: adjusted Wald, with three
    answers put in, a quarter of them promoters and a quarter detractors (Rocks 2016). By the textbook's variance
    ten promoters would leave no doubt. The score itself always lies within. -#}
{% macro net_promoter(promoters, detractors, answers, end) -%}
    {%- set n -%} (cast({{ answers }} as double) + 3) {%- endset -%}
    {%- set net -%} ((cast({{ promoters }} as double) - cast({{ detractors }} as double)) / {{ n }}) {%- endset -%}
    {%- set either -%} ((cast({{ promoters }} as double) + cast({{ detractors }} as double) + 1.5) / {{ n }}) {%- endset -%}
    {%- set score -%}
        ((cast({{ promoters }} as double) - cast({{ detractors }} as double)) / cast({{ answers }} as double))
    {%- endset -%}
    cast(
        cast(floor(1000000 * {{ {'low': 'greatest', 'high': 'least'}[end] }}(
            {{ {'low': 'least', 'high': 'greatest'}[end] }}(
                {{ net }} {{ {'low': '-', 'high': '+'}[end] }} {{ normal_quantile() }} * sqrt(
                    ({{ either }} - {{ net }} * {{ net }}) / {{ n }}
                ),
                {{ score }}
            ),
            cast({{ {'low': '-1', 'high': '1'}[end] }} as double)
        ) + 0.5) as bigint)
        * cast(0.0001 as decimal(4, 4)) as decimal(9, 4)
    )
{%- endmacro %}

{#- Which fifth somebody is in, 1 the lowest, by how many of how many are below: in whole numbers, so that nobody is
    in another one for rounding. Equal ones have the same number below them, and share the lower fifth. -#}
{% macro fifth(below, of) -%}
    case
    {%- for part in (4, 3, 2, 1) %}
        when 5 * {{ below }} >= {{ part }} * {{ of }} then cast({{ part + 1 }} as bigint)
    {%- endfor %}
        else cast(1 as bigint)
    end
{%- endmacro %}

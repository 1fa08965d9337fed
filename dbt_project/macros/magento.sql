{#- A region under one name in all systems: ISO 3166-2. Magento has codes of its own for Germany and Austria. -#}
{% macro magento_region(country_code, region) -%}
    {%- set codes = {
        'DE': {
            'NDS': 'NI', 'BAW': 'BW', 'BAY': 'BY', 'BER': 'BE', 'BRG': 'BB', 'BRE': 'HB', 'HAM': 'HH', 'HES': 'HE',
            'MEC': 'MV', 'NRW': 'NW', 'RHE': 'RP', 'SAR': 'SL', 'SAS': 'SN', 'SAC': 'ST', 'SCN': 'SH', 'THE': 'TH',
        },
        'AT': {
            'WI': '9', 'NO': '3', 'OO': '4', 'SB': '5', 'KN': '2', 'ST': '6', 'TI': '7', 'BL': '1', 'VB': '8',
        },
    } -%}
    case
        {%- for country, regions in codes.items() %}
        when {{ country_code }} = '{{ country }}'
            then {{ region_code(country_code, one_of(region, regions)) }}
        {%- endfor %}
        else {{ region_code(country_code, region) }}
    end
{%- endmacro %}

{#- What a text stands for; itself if it is none of them. -#}
{% macro one_of(text, meanings) -%}
    (case {{ text }}{% for one, meaning in meanings.items() %} when '{{ one }}' then '{{ meaning }}'{% endfor %} else {{ text }} end)
{%- endmacro %}

{#- The value of a product's own attribute: among `custom_attributes` of the payload. -#}
{% macro attribute_value(code) -%}
    {{ first_element(filter_elements('payload.custom_attributes', "element.attribute_code = '" ~ code ~ "'")) }}.value
{%- endmacro %}

{#- An amount of a payload's field in minor units of a currency; 0 where the field is missing. -#}
{% macro minor_of(field, exponent) -%}
    {{ to_minor("coalesce(nullif(" ~ field ~ ", ''), '0')", exponent) }}
{%- endmacro %}

{#- Of minor units, the part that is of some of a quantity, which has four decimals. -#}
{% macro part_of(amount_minor, kept, quantity) -%}
    case
        when {{ kept }} = {{ quantity }} then {{ amount_minor }}
        else cast({{ divide_rounded(
            amount_minor, 'cast(round(' ~ kept ~ ' * 10000) as bigint)', 'cast(round(' ~ quantity ~ ' * 10000) as bigint)'
        ) }} as bigint)
    end
{%- endmacro %}

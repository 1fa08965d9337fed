{#- One spelling per identifier. Null when nothing usable is left. -#}

{#- Lower case, no spaces; Gmail ignores dots and everything after a plus. -#}
{% macro normalise_email(email) -%}
    {%- set plain = "lower(trim(" ~ email ~ "))" -%}
    case
        when not {{ matches(plain, "'^[^@ ]+@[^@ ]+[.][^@ ]+$'") }} then null
        when split_part({{ plain }}, '@', 2) in ('gmail.com', 'googlemail.com') then
            concat(
                replace(split_part(split_part({{ plain }}, '@', 1), '+', 1), '.', ''), '@gmail.com'
            )
        else {{ plain }}
    end
{%- endmacro %}

{#- E.164 without the plus. A national number needs its country's calling code and trunk prefix
    (seeds/calling_codes.csv); without a country it cannot be told apart and becomes null. -#}
{% macro normalise_phone(phone, calling_code, trunk_prefix) -%}
    {%- set digits = replace_pattern(phone, '[^0-9]', '') -%}
    {%- set international -%}
    case
        when trim({{ phone }}) like '+%' then {{ digits }}
        when {{ digits }} like '00%' then substring({{ digits }}, 3)
        when {{ calling_code }} is null then null
        when {{ trunk_prefix }} <> '' and {{ digits }} like concat({{ trunk_prefix }}, '%')
            then concat({{ calling_code }}, substring({{ digits }}, length({{ trunk_prefix }}) + 1))
        when {{ calling_code }} = '1' and length({{ digits }}) = 11 then {{ digits }}
        else concat({{ calling_code }}, {{ digits }})
    end
    {%- endset -%}
    case when length({{ international }}) between 8 and 15 then {{ international }} end
{%- endmacro %}

{{ config(enabled=env_var('O2O_LINKAGE', 'off') == 'on') }}

with

certain_members as (
    select * from {{ ref('int_identity__certain_members') }}
),

attributes as (
    {{ surviving_attributes(ref('int_identity__certain_members'), 'person_key') }}
)

select
    person_key
    {%- for attribute in [
        'first_name', 'last_name', 'birth_date', 'email', 'phone', 'street', 'city', 'postal_code',
        'country_code',
    ] %},
    max(case when attribute_name = '{{ attribute }}' then attribute_value end) as {{ attribute }}
    {%- endfor %}
from attributes
group by person_key

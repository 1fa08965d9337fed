{{ config(enabled=env_var('O2O_LINKAGE', 'off') == 'on') }}

with

attributes as (
    {{ surviving_attributes(ref('int_identity__certain_members'), 'person_key') }}
)

select
    person_key,
    max(case when attribute_name = 'first_name' then attribute_value end) as first_name,
    max(case when attribute_name = 'last_name' then attribute_value end) as last_name,
    max(case when attribute_name = 'birth_date' then attribute_value end) as birth_date,
    max(case when attribute_name = 'email' then attribute_value end) as email,
    max(case when attribute_name = 'phone' then attribute_value end) as phone,
    max(case when attribute_name = 'street' then attribute_value end) as street,
    max(case when attribute_name = 'city' then attribute_value end) as city,
    max(case when attribute_name = 'postal_code' then attribute_value end) as postal_code,
    max(case when attribute_name = 'country_code' then attribute_value end) as country_code
from attributes
group by person_key

with

observations as (
    select * from {{ ref('int_identity__observations') }}
),

records as (
    select
        record_key,
        connection,
        source_system,
        record_kind,
        record_id,
        min(first_observed_at) as first_observed_at,
        max(last_observed_at) as last_observed_at,
        {%- for column in who_columns() %}
        max({{ column }}) as {{ column }},
        {%- endfor %}
        bool_or(has_consent) as has_consent,
        bool_or(identifier_type = 'email' and blocked_reason is null) as has_email,
        bool_or(identifier_type = 'phone' and blocked_reason is null) as has_phone,
        min(
            case
                when identifier_type = 'customer_id' and blocked_reason is null then identifier_hash
            end
        ) as customer_id_hash
    from observations
    group by record_key, connection, source_system, record_kind, record_id
),

customers as (
    select
        customer_id_hash,
        min(record_key) as record_key
    from records
    where record_kind = 'customer' and customer_id_hash is not null
    group by customer_id_hash
),

claimed as (
    select
        records.*,
        customers.record_key as claimed_key
    from records
    left join customers
        on records.customer_id_hash = customers.customer_id_hash
),

-- Sales of an account with an address that the account does not have.
emails as (
    select
        record_key,
        identifier_hash
    from observations
    where identifier_type = 'email' and blocked_reason is null
),

foreign_sales as (
    select
        claimed.record_key,
        claimed.claimed_key,
        emails.identifier_hash
    from claimed
    inner join emails
        on claimed.record_key = emails.record_key
    left join emails as own_emails
        on claimed.claimed_key = own_emails.record_key and emails.identifier_hash = own_emails.identifier_hash
    where {{ is_sale_record('claimed.record_kind') }} and own_emails.record_key is null
),

-- Of very many such addresses, it is the staff's account, and the sales are their guests'.
serving_accounts as (
    select claimed_key
    from foreign_sales
    where claimed_key is not null
    group by claimed_key
    having count(distinct identifier_hash) > {{ var('account_maximum_addresses') }}
),

served as (
    select distinct foreign_sales.record_key
    from foreign_sales
    inner join serving_accounts
        on foreign_sales.claimed_key = serving_accounts.claimed_key
),

owned as (
    select
        claimed.*,
        case when served.record_key is null then claimed.claimed_key end as owner_key,
        served.record_key is not null as is_served
    from claimed
    left join served
        on claimed.record_key = served.record_key
),

owners as (
    select
        *,
        coalesce(given_name_hash, family_name_hash) is not null as is_named
    from records
)

select
    owned.record_key,
    owned.connection,
    owned.source_system,
    owned.record_kind,
    owned.record_id,
    owned.first_observed_at,
    owned.last_observed_at,
    owned.has_consent,
    owned.has_email,
    owned.has_phone,
    -- A sale is its customer's, whoever's name is on it; a guest's has no other.
    {%- for column in who_columns() %}
    case when owners.is_named then owners.{{ column }} else owned.{{ column }} end as {{ column }},
    {%- endfor %}
    owned.is_served,
    owned.owner_key
from owned
left join owners
    on owned.owner_key = owners.record_key

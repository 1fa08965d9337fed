with

observations as (
    select * from {{ ref('int_identity__observations') }}
    where blocked_reason is null
),

records as (
    select * from {{ ref('int_identity__records') }}
),

-- Who names an order by its number: a deal's contact. The order itself says so, too.
references_to_orders as (
    select
        observations.record_key,
        concat(observations.identifier_type, ':', observations.identifier_hash) as base_key,
        orders.record_key as order_key
    from observations
    inner join observations as orders
        on
            observations.identifier_type = orders.identifier_type
            and observations.identifier_hash = orders.identifier_hash
    where
        observations.identifier_type = 'order_name'
        and not {{ is_sale_record('observations.record_kind') }}
        and {{ is_sale_record('orders.record_kind') }}
),

whos as (
    select
        record_key,
        {{ who_columns() | join(', ') }}
    from records
    where
        record_key in (select record_key from references_to_orders)
        or record_key in (select order_key from references_to_orders)
),

known_whos as (
    {{ with_likeness('whos') }}
),

-- An address or a phone that both have.
contacts_of_records as (
    select
        record_key,
        identifier_type,
        identifier_hash
    from observations
    where identifier_type in ('email', 'phone')
),

contacts_of_orders as (
    select
        record_key as order_key,
        identifier_type,
        identifier_hash
    from contacts_of_records
    union all
    select
        records.record_key as order_key,
        contacts_of_records.identifier_type,
        contacts_of_records.identifier_hash
    from records
    inner join contacts_of_records
        on records.owner_key = contacts_of_records.record_key
    where {{ is_sale_record('records.record_kind') }}
),

shared as (
    select distinct
        references_to_orders.record_key,
        references_to_orders.order_key
    from references_to_orders
    inner join contacts_of_records
        on references_to_orders.record_key = contacts_of_records.record_key
    inner join contacts_of_orders
        on
            references_to_orders.order_key = contacts_of_orders.order_key
            and contacts_of_records.identifier_type = contacts_of_orders.identifier_type
            and contacts_of_records.identifier_hash = contacts_of_orders.identifier_hash
),

compared as (
    select
        references_to_orders.record_key,
        references_to_orders.base_key,
        references_to_orders.order_key,
        shared.record_key is not null as is_shared,
        coalesce({{ confirm('ones', 'others') }}, false) as is_confirmed,
        coalesce({{ contradict('ones', 'others') }}, false) as is_contradicted,
        tellers.has_email or tellers.has_phone as is_teller_known,
        orders.owner_key is not null or orders.has_email or orders.has_phone as is_order_known
    from references_to_orders
    inner join records as tellers
        on references_to_orders.record_key = tellers.record_key
    inner join records as orders
        on references_to_orders.order_key = orders.record_key
    left join known_whos as ones
        on references_to_orders.record_key = ones.record_key
    left join known_whos as others
        on references_to_orders.order_key = others.record_key
    left join shared
        on
            references_to_orders.record_key = shared.record_key
            and references_to_orders.order_key = shared.order_key
),

-- A number is easily mistyped: it ties two people who are known otherwise only if something else does, too.
told as (
    select
        *,
        is_shared or is_confirmed as is_supported,
        not is_shared
        and (is_contradicted or (is_teller_known and is_order_known and not is_confirmed)) as is_doubtful
    from compared
),

tellers as (
    select
        record_key,
        count_if(is_doubtful) as doubtful_count,
        count_if(is_supported) as supported_count,
        count(*) as order_count
    from told
    group by record_key
),

-- Two who name one order, of which nothing else is known.
rivals as (
    select
        order_key,
        count(distinct record_key) as teller_count
    from told
    where not is_doubtful and not is_supported
    group by order_key
)

select
    told.record_key,
    told.base_key,
    case
        when told.is_supported then null
        when told.is_doubtful then 'another_persons'
        -- Who stands on other people's orders serves customers.
        when tellers.doubtful_count > 1 and tellers.doubtful_count >= tellers.supported_count then 'stands_for_many'
        when rivals.teller_count > 1 then 'ambiguous_reference'
    end as blocked_reason
from told
inner join tellers
    on told.record_key = tellers.record_key
left join rivals
    on told.order_key = rivals.order_key

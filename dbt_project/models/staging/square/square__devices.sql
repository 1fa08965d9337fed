{{ config(materialized='view') }}

with

payments as (
    select * from {{ staged('stg_square__payments') }}
    where square_device_id is not null
),

orders as (
    select * from {{ staged('stg_square__orders') }}
),

listed as (
    select * from {{ staged('stg_square__devices') }}
),

-- A till or a kiosk is an app on any machine, and in no list: it is known by the payments that it took, and stands
-- where it took the newest.
seen as (
    select * from (
        select
            payments.connection,
            payments.square_device_id,
            payments.device_name,
            payments.square_location_id,
            coalesce(lower(orders.source_name) like '%kiosk%', false) as is_kiosk,
            max(payments._load_id) over (
                partition by payments.connection, payments.square_device_id
            ) as _load_id,
            row_number() over (
                partition by payments.connection, payments.square_device_id
                order by payments.created_at desc, payments.square_payment_id desc
            ) as place
        from payments
        left join orders
            on
                payments.connection = orders.connection
                and payments.square_order_id = orders.square_order_id
    ) as ranked
    where place = 1
)

select
    coalesce(listed.connection, seen.connection) as connection,
    'square' as source_system,
    greatest(coalesce(listed._load_id, ''), coalesce(seen._load_id, '')) as _load_id,
    coalesce(listed.square_device_id, seen.square_device_id) as device_id,
    coalesce(listed.device_name, seen.device_name) as device_name,
    case
        when listed.device_type = 'HANDHELD' then 'handheld'
        when listed.device_type = 'TERMINAL' then 'terminal'
        when listed.square_device_id is not null then 'other'
        when seen.is_kiosk then 'kiosk'
        else 'register'
    end as device_kind,
    'till' as location_kind,
    coalesce(listed.square_location_id, seen.square_location_id) as location_id,
    case when listed.square_device_id is not null then true end as is_active
from listed
full outer join seen
    on
        listed.connection = seen.connection
        and listed.square_device_id = seen.square_device_id

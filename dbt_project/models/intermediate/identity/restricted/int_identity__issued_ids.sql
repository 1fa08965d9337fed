with

-- Records that systems have of their own.
told as (
    select
        id_connection as connection,
        identifier_type,
        identifier_value,
        bool_or(
            coalesce(record_connection = id_connection, false)
            and (
                (record_kind = 'customer' and identifier_type = 'customer_id' and record_id = identifier_value)
                or (record_kind = 'order' and identifier_type = 'order_name')
            )
        ) as has_record
    from {{ ref('person_identifiers') }}
    where id_connection is not null and identifier_value is not null
    group by id_connection, identifier_type, identifier_value
)

select
    connection,
    identifier_type,
    identifier_value,
    has_record,
    bool_or(has_record) over (partition by connection, identifier_type) as has_records
from told

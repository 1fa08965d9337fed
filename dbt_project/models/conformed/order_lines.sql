with

told as (
    {{ conformed('order_lines') }}
),

-- A vendor's mistake in the number of a line is no reason to lose the line, or the build.
numbered as (
    select
        *,
        row_number() over (
            partition by connection, source_order_id, line_id
            order by product_code, product_name, line_kind, quantity, goods_minor, discount_minor, tax_minor
        ) as place
    from told
)

select
    connection,
    source_system,
    _load_id,
    source_order_id,
    case when line_id is null or place > 1 then concat(coalesce(line_id, ''), '#', place) else line_id end as line_id,
    line_kind,
    product_code,
    product_name,
    quantity,
    current_quantity,
    currency_code,
    goods_minor,
    discount_minor,
    tax_minor
from numbered

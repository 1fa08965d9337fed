-- The newest moment that web shop and CRM have both reached, less what the CRM's sync takes.
select
    least(
        (
            select max(ordered_at) from marts.fct_orders
            where order_channel <> 'till'
        ),
        (
            select max(created_at) from conformed.deals
            where order_name is not null
        )
    ) - interval 2 hour as until

-- The newest moment that web shop and CRM have both reached, less what the CRM's sync takes.
select
    least(
        (
            select max(ordered_at) from marts.fct_orders
            where source_system = 'shopify'
        ),
        (select max(created_at) from staging.stg_hubspot__deals)
    ) - interval 2 hour as until

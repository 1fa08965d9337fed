-- What the marts of goods name is there.
{%- set references = [
    ('fct_order_lines', 'product_id', 'dim_products', 'product_id'),
    ('fct_refunds', 'order_id', 'fct_orders', 'order_id'),
    ('fct_refunds', 'store_id', 'dim_stores', 'store_id'),
    ('fct_refunds', 'returned_store_id', 'dim_stores', 'store_id'),
    ('fct_payments', 'order_id', 'fct_orders', 'order_id'),
    ('fct_payments', 'store_id', 'dim_stores', 'store_id'),
    ('fct_product_daily', 'product_id', 'dim_products', 'product_id'),
    ('fct_product_daily', 'store_id', 'dim_stores', 'store_id'),
    ('fct_price_parity', 'product_id', 'dim_products', 'product_id'),
    ('fct_price_parity', 'store_id', 'dim_stores', 'store_id'),
    ('fct_inventory_daily', 'product_id', 'dim_products', 'product_id'),
    ('fct_inventory_daily', 'store_id', 'dim_stores', 'store_id'),
    ('fct_coupons', 'customer_id', 'dim_customers', 'customer_id'),
    ('dim_products', 'matched_product_id', 'dim_products', 'product_id'),
] %}

{{ broken_references(references) }}

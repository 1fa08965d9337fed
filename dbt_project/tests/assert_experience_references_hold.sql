-- What the marts of experience name is there.
{%- set references = [
    ('fct_inquiries', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_inquiries', 'booking_id', 'fct_bookings', 'booking_id'),
    ('fct_bookings', 'store_id', 'dim_stores', 'store_id'),
    ('fct_bookings', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_bookings', 'showed_visit_id', 'fct_store_visits', 'visit_id'),
    ('fct_bookings', 'bought_order_id', 'fct_orders', 'order_id'),
    ('fct_surveys', 'store_id', 'dim_stores', 'store_id'),
    ('fct_surveys', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_surveys', 'order_id', 'fct_orders', 'order_id'),
    ('fct_survey_answers', 'survey_entry_id', 'fct_surveys', 'survey_entry_id'),
    ('fct_loyalty', 'store_id', 'dim_stores', 'store_id'),
    ('fct_loyalty', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_loyalty', 'order_id', 'fct_orders', 'order_id'),
    ('fct_customer_journeys', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_customer_journeys', 'store_id', 'dim_stores', 'store_id'),
    ('fct_web_sessions', 'touchpoint_id', 'fct_touchpoints', 'touchpoint_id'),
    ('fct_web_sessions', 'campaign_id', 'dim_campaigns', 'campaign_id'),
    ('fct_web_sessions', 'customer_id', 'dim_customers', 'customer_id'),
    ('fct_web_sessions', 'order_id', 'fct_orders', 'order_id'),
] %}

{{ broken_references(references) }}

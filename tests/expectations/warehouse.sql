-- A small warehouse in which everything agrees: two stores, three days, a web shop in two
-- currencies, one campaign. Only the columns that the checks read.
create schema staging;
create schema conformed;
create schema intermediate;
create schema marts;

create table intermediate.int_currencies__rates as
select * from (values
    ('EUR', 'EUR', date '1970-01-01', null::date, 2, 1.0::decimal(18, 9)),
    ('JPY', 'EUR', date '1970-01-01', null, 0, 0.61)
) as t (currency_code, reporting_currency_code, valid_from, valid_before, exponent, minor_rate);

create table marts.dim_stores as
select * from (values
    ('S001', 'Berlin S001', 'Europe/Berlin', 'L1', 'C1', true, true, true, true),
    ('S002', 'Boston S002', 'America/New_York', 'L2', 'C2', true, true, true, true)
) as t (store_id, store_name, time_zone, till_location_id, counter_serial, is_known_to_tills,
    is_known_to_web_shop, is_known_to_counters, is_known_to_beacons);

-- Web orders: 10 a day, every other in GBP. Amounts that no binary fraction can hold.
create table staging.stg_shopify__orders as
select
    (d * 100 + i)::varchar as shopify_order_id,
    '#' || (d * 100 + i) as order_name,
    timestamp '2026-03-01 09:00:00' + interval 1 day * d + interval 1 hour * i as created_at,
    if(i % 2 = 0, 'EUR', 'GBP') as currency_code,
    (1000 + i * 7 + d)::bigint as total_minor
from range(3) as days (d), range(10) as orders (i);

create table conformed.deals as
select
    'D' || shopify_order_id as deal_id, order_name, currency_code,
    total_minor as amount_minor, created_at as closed_at,
    created_at + interval 5 minute as created_at
from staging.stg_shopify__orders;

create table staging.stg_hubspot__deals as select created_at from conformed.deals;
create table staging.stg_salesforce__opportunities as select created_at from conformed.deals;

-- What sales people still work on, and what came to nothing, names no order.
insert into conformed.deals values
('OPEN', null, 'EUR', 5000000, null, timestamp '2026-03-09 12:00:00'),
('LOST', null, 'EUR', 7000000, timestamp '2026-03-02 12:00:00', timestamp '2026-03-02 11:00:00');

-- Till sales: 20 a day and store, at local noon and after.
create table conformed.orders as
select
    'square' as connection, 'till' as sales_channel, 'till' as location_kind,
    'square:' || till_location_id || '-' || d || '-' || i as order_id,
    till_location_id || '-' || d || '-' || i as source_order_id,
    null as order_name,
    till_location_id as location_id,
    timezone('UTC', timezone(
        time_zone, timestamp '2026-03-01 12:00:00' + interval 1 day * d + interval 10 minute * i
    )) as ordered_at,
    if(store_id = 'S001', 'EUR', 'USD') as currency_code,
    (500 + i * 3)::bigint as total_minor,
    0::bigint as tip_minor, 0::bigint as due_minor, 0::bigint as gift_card_minor,
    'placed' as order_status
from marts.dim_stores, range(3) as days (d), range(20) as sales (i)
union all
select
    'shopify', 'web', null, 'shopify:' || shopify_order_id, shopify_order_id, order_name, null, created_at,
    currency_code, total_minor, 0, 0, 0, 'placed'
from staging.stg_shopify__orders;

create table staging.stg_square__orders as
select ordered_at as created_at from conformed.orders where sales_channel = 'till';

create table conformed.payments as
select
    connection, 'P' || source_order_id as payment_id, source_order_id, location_kind, location_id,
    ordered_at as paid_at, currency_code, total_minor as amount_minor, 'paid' as payment_status
from conformed.orders where sales_channel = 'till';

create table staging.stg_square__payments as select paid_at as created_at from conformed.payments;

create table conformed.refunds as
select
    'square' as connection, refund_id, source_order_id, 'till' as location_kind, 'L1' as location_id,
    timestamp '2026-03-02 10:00:00' as refunded_at, 'EUR' as currency_code, refunded_minor, refund_status
from (values
    ('R1', 'L1-0-0', 100, 'refunded'),
    ('R2', 'L1-0-0', 50, 'pending'),
    ('R3', null, 999, 'failed')
) as t (refund_id, source_order_id, refunded_minor, refund_status);

create table conformed.ad_spend as
select
    'google_ads' as platform, '1' as account_id, '77' as campaign_id, date '2026-03-01' + d::integer as spend_date,
    12345678 + d as cost_micros
from range(3) as days (d);

create table staging.stg_google_ads__campaign_performance as
select spend_date as report_date from conformed.ad_spend;

create table staging.stg_ga4__events as select timestamp '2026-03-03 20:00:00' as occurred_at;

create table staging.stg_store_sensors__pings as
select timestamp '2026-03-03 19:00:00' as received_at;

create table intermediate.int_stores__locations as
select
    'store_sensors' as connection, 'counter' as location_kind, counter_serial as location_id,
    store_id, date '1900-01-01' as valid_from, date '9999-12-31' as valid_before
from marts.dim_stores
union all
select 'store_sensors', 'counter', 'C3', 'S001', date '1900-01-01', date '9999-12-31'
union all
select 'square', 'till', till_location_id, store_id, date '1900-01-01', date '9999-12-31'
from marts.dim_stores;

create table conformed.door_counts as
select
    'store_sensors' as connection, 'counter' as location_kind, counter_serial as location_id,
    start as started_at, start + interval 1 hour as ended_at, 3 as in_count
from (
    select
        counter_serial,
        timezone('UTC', timezone(
            time_zone, timestamp '2026-03-01 00:00:00' + interval 1 hour * h
        )) as start
    from marts.dim_stores, range(72) as hours (h)
);

create table staging.stg_store_sensors__door_counts as select ended_at from conformed.door_counts;

-- Whose rows they are.
alter table staging.stg_ga4__events add column connection varchar default 'ga4';
alter table staging.stg_google_ads__campaign_performance add column connection varchar default 'google_ads';
create table staging.stg_meta_ads__campaign_insights as
select report_date, 'meta_ads' as connection from staging.stg_google_ads__campaign_performance;
create table staging.stg_tiktok_ads__campaign_reports as
select report_date, 'tiktok_ads' as connection from staging.stg_google_ads__campaign_performance;
alter table staging.stg_hubspot__deals add column connection varchar default 'hubspot';
alter table staging.stg_salesforce__opportunities add column connection varchar default 'salesforce';
alter table staging.stg_shopify__orders add column connection varchar default 'shopify';
alter table staging.stg_square__orders add column connection varchar default 'square';
alter table staging.stg_square__payments add column connection varchar default 'square';
alter table staging.stg_store_sensors__pings add column connection varchar default 'store_sensors';
alter table staging.stg_store_sensors__door_counts add column connection varchar default 'store_sensors';

create table intermediate.int_records__streams as
select 'shopify' as connection, 'shopify' as source_name, 'orders' as stream, 150 as record_count;

create table intermediate.int_records__faults (
    connection varchar, source_name varchar, stream varchar, record_key varchar, field varchar,
    is_set_aside boolean, wanted varchar, is_accepted boolean, found_form varchar default '99,99',
    _extracted_at timestamp default timestamp '2026-03-03 04:05:06'
);

create table marts.dim_campaigns as select 'google_ads:1:77' as campaign_id, 'Spring' as campaign_name;

create table marts.fct_ad_spend as
select
    'spend-' || spend_date as spend_id, platform, account_id,
    platform || ':' || account_id || ':' || campaign_id as campaign_id,
    campaign_id as platform_campaign_id, spend_date, 'EUR' as currency_code, cost_micros, 1235 as spend_minor,
    1235 as spend_reporting_minor, 100 as impression_count, 10 as click_count,
    5.5::decimal(18, 6) as claimed_conversions, 0::decimal(18, 6) as claimed_view_conversions,
    5500 as claimed_value_minor, 0::bigint as claimed_view_value_minor,
    5500 as claimed_value_reporting_minor
from conformed.ad_spend;

create table marts.fct_orders as
with orders as (
    select
        o.order_id, o.source_order_id, o.sales_channel as order_channel, o.connection, o.connection as source_system,
        o.order_name, s.store_id, o.ordered_at,
        timezone(coalesce(s.time_zone, 'UTC'), timezone('UTC', o.ordered_at))::date as order_date,
        o.currency_code, o.total_minor
    from conformed.orders as o
    left join marts.dim_stores as s on o.location_id = s.till_location_id
)

select
    *, if(source_system = 'shopify', 'customer-1', null) as customer_id,
    total_minor as goods_minor, 0 as discount_minor, 0 as shipping_minor, 0 as tax_minor, 0 as tip_minor,
    0 as service_minor, 0 as gift_card_minor, 0 as due_minor, 0 as refunded_minor, total_minor as sold_minor,
    total_minor as net_minor, total_minor as net_reporting_minor, total_minor as sold_reporting_minor,
    'placed' as order_status, true as is_sale
from orders;

create table marts.fct_order_lines as
select
    order_id || '-1' as order_line_id, order_id, 'goods' as line_kind, 1::decimal(18, 5) as quantity, 1::decimal(18, 5) as current_quantity,
    goods_minor as net_sales_minor, 'product-1' as product_id
from marts.fct_orders;

create table marts.dim_products as select 'product-1' as product_id;
create table marts.fct_refunds as select 'refund-1' as refund_id;
create table marts.fct_payments as select 'payment-1' as payment_id;
create table marts.fct_product_daily as select 'product-1' as product_daily_id;
create table marts.fct_inventory_daily as select 'product-1' as inventory_daily_id;
create table marts.fct_price_parity as select 'product-1' as price_parity_id;
create table marts.fct_coupons as select 'coupon-1' as coupon_id;
create table marts.fct_bopis as
select order_id, store_id, 0::bigint as minutes_waiting, null::boolean as is_promise_kept, 'no_promise' as promise_outcome
from marts.fct_orders;
create table marts.fct_deliveries as
select order_id as delivery_id, order_id, null::timestamp as shipped_at, null::timestamp as delivered_at
from marts.fct_orders;
create table marts.rpt_product_pairs as select 'pair-1' as product_pair_id;

create table marts.fct_sales_entries as
select
    order_id || ':sale' as entry_id, order_id, 'sale' as entry_kind, order_channel, store_id, order_date,
    currency_code, net_minor as revenue_minor
from marts.fct_orders;

-- The days of a weekend: Friday's rate, one day old, and two.
create table marts.dim_dates as select distinct order_date as calendar_date from marts.fct_orders;

create table marts.fct_exchange_rates as
select
    currency_code || ' ' || calendar_date as exchange_rate_id, calendar_date as rate_date, currency_code,
    'EUR' as reporting_currency_code, date '2026-02-27' as quoted_date,
    calendar_date - date '2026-02-27' as days_since_quoted, 'feed' as rate_source
from marts.dim_dates, unnest(['EUR', 'GBP', 'USD']) as currencies (currency_code);

create table marts.dim_customers as select 'customer-1' as customer_id, 30 as order_count, 2 as record_count, cast(null as varchar) as identity_fault;

create table marts.fct_customer_ltv as select 'customer-1' as customer_id;
create table marts.rpt_ltv_models as select date '2026-03-02' as until_date;
create table marts.rpt_segments as select 'segment-1' as segment_id;
create table marts.fct_cohort_retention as
select 'cohort-1' as cohort_retention_id, min(store_id) as first_store_id from marts.dim_stores;

create table marts.fct_store_visits as
select
    'visit-' || store_id as visit_id, store_id, null::varchar as customer_id,
    timestamp '2026-03-02 15:00:00' as arrived_at, timestamp '2026-03-02 15:10:00' as left_at,
    600 as dwell_seconds, date '2026-03-02' as visit_date, 'beacon' as signal
from marts.dim_stores;

create table marts.fct_store_footfall as
select
    store_id || '-1' as footfall_id, store_id, date '2026-03-02' as footfall_date,
    72 as counted_entry_count, null::varchar as uncounted_reason, 1 as known_visit_count,
    72 as footfall_count, 72 as footfall_low_count, 72 as footfall_high_count
from marts.dim_stores;

create table marts.fct_footfall_attribution as
select
    store_id || '-' || attribution_model as footfall_attribution_id, store_id, attribution_model,
    1::decimal(18, 9) as known_visit_credit, 71 as anonymous_footfall_count
from marts.dim_stores,
    unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model);

create table marts.fct_touchpoints as
select 'touch-1' as touchpoint_id, 'customer-1' as customer_id, 'google_ads:1:77' as campaign_id,
    'ga4' as connection, date '2026-03-02' as touch_date, 'google_ads' as platform,
    'paid_click' as touch_type, timestamp '2026-03-02 12:00' as touched_at;

-- Web orders are credited in thirds and the rest, to one touch thrice; till orders to nobody.
create table marts.fct_attribution as
select
    order_id || '-' || attribution_model || '-' || part as attribution_id,
    order_id as conversion_id, attribution_model,
    if(order_channel = 'web', 'touch-1', null) as touchpoint_id,
    if(order_channel = 'web', 'web_order', 'till_order') as conversion_type,
    if(order_channel = 'web', 'google_ads:1:77', null) as campaign_id,
    ordered_at as converted_at,
    if(order_channel = 'web', ordered_at - interval 1 hour, null) as touched_at,
    case
        when order_channel = 'till' then 1 when part < 2 then 0.333333333 else 0.333333334
    end::decimal(12, 9) as credit_share,
    case
        when order_channel = 'till' then net_minor
        when part < 2 then net_minor // 3 else net_minor - 2 * (net_minor // 3)
    end as credit_minor,
    currency_code,
    if(order_channel = 'web', null, 'anonymous') as unattributed_reason
from marts.fct_orders, range(3) as parts (part),
    unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model)
where order_channel = 'web' or part = 0;

create table marts.rpt_channel_performance as
select
    attribution_model as channel_performance_id, attribution_model, 'cash' as credit_view,
    'EUR' as currency_code,
    ((select sum(net_reporting_minor) from marts.fct_orders) / 100)::decimal(18, 2)
        as revenue_amount,
    37.05::decimal(18, 2) as spend_amount,
    0.5::decimal(9, 6) as online_to_offline_conversion_rate
from unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model);

create table marts.rpt_platform_claims as
select
    spend_date || '-' || window_days || '-' || attribution_model as platform_claim_id,
    spend_date as report_date, window_days, platform, campaign_id, 'Spring' as campaign_name,
    attribution_model, 'EUR' as currency_code,
    5.5::decimal(18, 6) * least(window_days, day(spend_date)) as claimed_conversions,
    55::decimal(18, 2) * least(window_days, day(spend_date)) as claimed_value_amount,
    10 * least(window_days, day(spend_date)) as ledger_online_order_count,
    100::decimal(18, 2) * least(window_days, day(spend_date)) as ledger_online_amount
from marts.fct_ad_spend, unnest([1, 28]) as windows (window_days),
    unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model);

create table marts.rpt_marketing_performance as
select 'march' as marketing_performance_id, 'EUR' as currency_code, 37.05::decimal(18, 2) as spend_amount;

create table marts.rpt_set_aside as
select 'robots' as set_aside_id, 'ga4' as connection, 'bot' as reason, 3 as record_count;

create table marts.rpt_online_to_offline as
select
    store_id as online_to_offline_id, store_id, 1 as reached_person_count,
    1 as converted_person_count, 1 as visiting_person_count, 0 as buying_person_count,
    1::decimal(9, 6) as conversion_rate, 0.206549::decimal(9, 6) as conversion_rate_low,
    1::decimal(9, 6) as conversion_rate_high
from marts.dim_stores;

-- One customer of two systems; a third record is nobody's, because too many use its phone.
create table marts.dim_person_aliases as
select 'customer-1' as customer_id, 'customer-1' as current_customer_id, 'current' as person_status;

create table marts.dim_persons_history as
select * from (values
    ('stint-1', 'customer-1', 'born', 1), ('stint-2', 'customer-1', 'merged', 2)
) as t (membership_id, customer_id, opened_by, opened_run);

create table marts.dim_identifiers as select 'phone-1' as identifier_id, 'phone' as identifier_type;

create table marts.fct_identity_breaks as
select
    'break-1' as break_id, 'phone-1' as identifier_id, 'phone' as identifier_type,
    'shared_by_many' as blocked_reason;

create table marts.fct_identity_reviews as select 'review-1' as review_id;

create table marts.rpt_identity_health as
select * from (values
    ('shopify', 'shopify', 'customer', 1, 1, 1, 0, 1.0),
    ('square', 'square', 'customer', 2, 1, 1, 1, 0.5)
) as t (connection, source_system, record_kind, record_count, identified_count, matched_count, orphan_count,
    match_rate);
alter table marts.rpt_identity_health add column identity_health_id varchar;
update marts.rpt_identity_health set identity_health_id = connection;

-- A channel whose experiments show something and one whose show nothing; one of them day by day.
create table marts.fct_experiments as
select * from (values
    ('r1', 'video · all', 'video', 'holdout', 'region', 'footfall', 'joint', date '2026-05-01',
        date '2026-05-20', 'DE-BE, FR-IDF', 0.062, 0.021, 0.104, 0.05, 0.018, 0.085, 'more', 0.001, 10.0),
    ('r2', 'email · all', 'email', 'holdout', 'region', 'web_orders', 'joint', date '2026-05-01',
        date '2026-05-20', 'US-CA', 0.01, -0.02, 0.04, 0.008, -0.016, 0.03, 'not shown', 0.4, 2.0),
    ('r3', 'email-1', 'email', 'holdout', 'region', 'web_orders', 'synth', date '2026-05-01',
        date '2026-05-20', 'US-CA', null, null, null, null, null, null, 'not measured', null, null),
    ('r4', 'video-1', 'video', 'holdout', 'region', 'footfall', 'synth', date '2026-05-01',
        date '2026-05-02', 'DE-BE, FR-IDF', 0.05, -0.01, 0.11, null, null, null, 'not shown', 0.1, 8.0)
) as t (experiment_result_id, experiment_id, channel, design, unit_type, metric, method, start_date,
    end_date, treated_units, relative_effect, relative_low, relative_high, incremental_share,
    incremental_share_low, incremental_share_high, verdict, p_value, effect);
alter table marts.fct_experiments add column campaign_id varchar;

create table marts.fct_experiment_days as
select * from (values
    ('d1', 'video-1', 'region', 'footfall', 'synth', date '2026-04-30', false, 50.0, 51.0, null, null),
    ('d2', 'video-1', 'region', 'footfall', 'synth', date '2026-05-01', true, 44.0, 52.0, 47.0, 57.0),
    ('d3', 'video-1', 'region', 'footfall', 'synth', date '2026-05-02', true, 46.0, 50.0, 45.0, 55.0)
) as t (experiment_day_id, experiment_id, unit_type, metric, method, metric_date, is_test, observed,
    expected, expected_low, expected_high);

create table marts.rpt_calibrated_attribution as
select
    attribution_model as calibrated_attribution_id, attribution_model, 'EUR' as currency_code,
    (select sum(net_reporting_minor) from marts.fct_orders) as calibrated_credit_reporting_minor
from unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model);

create table marts.rpt_attribution_uncertainty as
select attribution_model as attribution_uncertainty_id, attribution_model
from unnest(['first', 'last', 'linear', 'position', 'time_decay']) as models (attribution_model);

-- Web analytics: the sessions of ten days with a purchase each, and what it adds up of them, by two sources.
create table conformed.web_events as
select
    'ga4' as connection, date '2026-02-20' + d::integer as event_date, 'b' || s as visitor_id,
    s::varchar as session_number, if(s = 0, '#' || d, null) as order_name
from range(10) as days (d), range(40) as sessions (s), range(2) as events (e)
union all
select 'ga4', date '2026-02-20' + d::integer, null, null, null from range(10) as days (d);

create table conformed.web_totals as
select
    'ga4_reports' as connection, date '2026-02-20' + d::integer as total_date, source,
    20::bigint as session_count, if(source = 'google', 1, 0)::bigint as order_count, d = 1 as is_partial
from range(10) as days (d), (values ('google'), (null)) as traffic (source);

create table staging.stg_ga4_reports__totals as select date '2026-03-03' as total_date, 'ga4_reports' as connection;
create table staging.stg_microsoft_ads__campaign_performance as
select date '2026-03-03' as report_date, 'microsoft_ads' as connection;

-- The other shop and the other tills are as fresh as these.
create table staging.stg_adobe_commerce__orders as
select timestamp '2026-03-03 18:00:00' as created_at, 'adobe_commerce' as connection;
create table staging.stg_clover__orders as
select timestamp '2026-03-03 20:00:00' as created_at, 'clover' as connection;
create table staging.stg_clover__payments as select * from staging.stg_clover__orders;

-- Surveys are, too.
create table staging.stg_typeform__responses as
select timestamp '2026-03-03 20:00:00' as submitted_at, 'typeform' as connection;
create table staging.stg_surveymonkey__responses as
select timestamp '2026-03-03 20:00:00' as updated_at, 'surveymonkey' as connection;

-- So are messages, appointments, phones and doors of other makes.
create table staging.stg_klaviyo__events as
select timestamp '2026-03-03 20:00:00' as occurred_at, 'klaviyo' as connection;
create table staging.stg_calendly__scheduled_events as
select timestamp '2026-03-03 20:00:00' as created_at, 'calendly' as connection;
create table staging.stg_radar__events as
select timestamp '2026-03-03 20:00:00' as received_at, 'radar' as connection;
create table staging.stg_axis__door_counts as
select timestamp '2026-03-03 20:00:00' as ended_at, 'axis' as connection;

-- Of what people booked, said, collected and went through there is a row each.
create table marts.fct_inquiries as select 'fct_inquiries' as inquiry_id;
create table marts.fct_bookings as select 'fct_bookings' as booking_id;
create table marts.rpt_booking_funnel as select 'rpt_booking_funnel' as booking_funnel_id;
create table marts.fct_surveys as select 'fct_surveys' as survey_entry_id;
create table marts.fct_survey_answers as select 'fct_survey_answers' as survey_answer_id;
create table marts.rpt_nps as select 'rpt_nps' as nps_id;
create table marts.rpt_csat as select 'rpt_csat' as csat_id;
create table marts.fct_loyalty as select 'fct_loyalty' as loyalty_entry_id;
create table marts.rpt_loyalty as select 'rpt_loyalty' as loyalty_month_id;
create table marts.fct_customer_journeys as select 'fct_customer_journeys' as conversion_id;
create table marts.rpt_paths as select 'rpt_paths' as path_id;
create table marts.rpt_path_steps as select 'rpt_path_steps' as path_step_id;
create table marts.fct_web_sessions as select 'fct_web_sessions' as session_id;
create table marts.rpt_store_demand_forecast as select 'rpt_store_demand_forecast' as store_demand_forecast_id;

-- Everybody who bought in the web shop was asked two questions about it, by the order's name or its number.
create table conformed.survey_responses as
select
    'answer of ' || order_name as response_id, question as question_id,
    if(shopify_order_id::bigint % 2 = 0, order_name, ltrim(order_name, '#')) as order_name,
    created_at + interval 1 hour as submitted_at, false as is_test
from staging.stg_shopify__orders, unnest(['nps', 'csat']) as questions (question);

-- Not every survey is about an order, and its owner tries it.
insert into conformed.survey_responses values
('answer of a guest', 'nps', null, timestamp '2026-03-02 12:00:00', false),
('a try', 'nps', '[order]', timestamp '2026-03-02 12:00:00', true);

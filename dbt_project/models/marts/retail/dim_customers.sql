with

persons as (
    select * from {{ ref('int_identity__persons') }}
),

observations as (
    select * from {{ ref('int_identity__observations') }}
),

golden_attributes as (
    select * from {{ ref('int_identity__golden_attributes') }}
),

households as (
    select * from {{ ref('int_identity__households') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
),

visits as (
    select * from {{ ref('int_stores__visits') }}
),

person_records as (
    select
        {{ record_key_of() }} as record_key,
        *
    from {{ ref('person_records') }}
),

records_seen as (
    select
        record_key,
        min(first_observed_at) as first_seen_at,
        max(last_observed_at) as last_seen_at
    from observations
    group by record_key
),

customer_records as (
    select
        persons.customer_id,
        count(*) as record_count,
        count_if(persons.record_kind = 'customer') as customer_record_count,
        count_if(persons.record_kind = 'contact') as contact_count,
        count_if(persons.record_kind = 'loyalty_account') as loyalty_account_count,
        count_if(persons.record_kind = 'browser') as browser_count,
        count_if(persons.record_kind = 'app_device') as app_device_count,
        count_if(persons.record_kind = 'card_fingerprint') as card_count,
        count_if(coalesce(person_records.known_in = 'online', false)) as online_record_count,
        count_if(coalesce(person_records.known_in = 'store', false)) as store_record_count,
        bool_or(coalesce(person_records.is_active and person_records.is_email_subscribed, false))
            as is_email_subscribed,
        min(records_seen.first_seen_at) as first_seen_at,
        max(records_seen.last_seen_at) as last_seen_at
    from persons
    inner join records_seen
        on persons.record_key = records_seen.record_key
    left join person_records
        on persons.record_key = person_records.record_key
    group by persons.customer_id
),

customer_orders as (
    select
        customer_id,
        count(*) as order_count,
        count_if(order_channel = 'web') as web_order_count,
        count_if(order_channel = 'bopis') as bopis_order_count,
        count_if(order_channel = 'till') as till_order_count,
        sum(net_reporting_minor) as net_reporting_minor,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at
    from orders
    where is_sale and customer_id is not null
    group by customer_id
),

customer_visits as (
    select
        customer_id,
        count(*) as store_visit_count,
        max(left_at) as last_visit_at
    from visits
    where customer_id is not null
    group by customer_id
),

doubts as (
    select * from {{ ref('int_identity__doubts') }}
),

firsts as (
    select * from {{ ref('int_customers__firsts') }}
),

segments as (
    select * from {{ ref('int_customers__segments') }}
),

consents as (
    select * from {{ ref('int_customers__consents') }}
),

next_categories as (
    select * from {{ ref('int_customers__next_categories') }}
),

-- Where a customer is at home: the shop with most sales and visits, the smaller id on a tie.
encounters as (
    select
        customer_id,
        store_id
    from orders
    where customer_id is not null and order_channel = 'till' and is_sale
    union all
    select
        customer_id,
        store_id
    from visits
    where customer_id is not null
),

store_ranks as (
    select
        customer_id,
        store_id,
        row_number() over (partition by customer_id order by count(*) desc, store_id) as place
    from encounters
    group by customer_id, store_id
),

home_stores as (
    select
        customer_id,
        store_id
    from store_ranks
    where place = 1
),

-- Survivorship picks one value of each attribute; what identifies a person stays out of the marts.
places as (
    select
        customer_id,
        max(case when attribute_name = 'country_code' then attribute_value end) as country_code,
        max(case when attribute_name = 'country_code' then source_system end) as country_source_system,
        max(case when attribute_name = 'city' then attribute_value end) as city,
        max(case when attribute_name = 'city' then source_system end) as city_source_system
    from golden_attributes
    group by customer_id
),

joined as (
    select
        customer_records.customer_id,
        customer_records.record_count,
        customer_records.customer_record_count,
        customer_records.contact_count,
        customer_records.loyalty_account_count,
        customer_records.browser_count,
        customer_records.app_device_count,
        customer_records.card_count,
        customer_records.online_record_count > 0
        or coalesce(customer_orders.web_order_count + customer_orders.bopis_order_count, 0) > 0
            as is_known_online,
        customer_records.store_record_count > 0
        or coalesce(customer_orders.till_order_count, 0) > 0
        or coalesce(customer_visits.store_visit_count, 0) > 0 as is_known_in_store,
        customer_records.is_email_subscribed,
        households.household_id,
        households.household_person_count,
        places.country_code,
        places.country_source_system,
        places.city,
        places.city_source_system,
        home_stores.store_id as home_store_id,
        coalesce(customer_orders.order_count, 0) as order_count,
        coalesce(customer_orders.web_order_count, 0) as web_order_count,
        coalesce(customer_orders.bopis_order_count, 0) as bopis_order_count,
        coalesce(customer_orders.till_order_count, 0) as till_order_count,
        coalesce(customer_visits.store_visit_count, 0) as store_visit_count,
        coalesce(customer_orders.net_reporting_minor, 0) as net_reporting_minor,
        customer_records.first_seen_at,
        greatest(
            customer_records.last_seen_at, customer_orders.last_order_at, customer_visits.last_visit_at
        ) as last_seen_at,
        customer_orders.first_order_at,
        customer_orders.last_order_at,
        firsts.first_touch_channel,
        firsts.first_touch_at,
        doubts.fault as identity_fault,
        firsts.first_purchase_channel,
        firsts.first_store_id,
        segments.first_order_date,
        segments.last_order_date,
        segments.days_since_last_order,
        segments.recency_score,
        segments.frequency_score,
        segments.monetary_score,
        coalesce(segments.rfm_segment, 'prospect') as rfm_segment,
        segments.preferred_channel,
        next_categories.next_category,
        coalesce(consents.email_consent_status, 'unknown') as email_consent_status,
        coalesce(consents.sms_consent_status, 'unknown') as sms_consent_status,
        coalesce(consents.analytics_consent_status, 'unknown') as analytics_consent_status,
        coalesce(consents.ads_consent_status, 'unknown') as ads_consent_status
    from customer_records
    left join customer_orders
        on customer_records.customer_id = customer_orders.customer_id
    left join customer_visits
        on customer_records.customer_id = customer_visits.customer_id
    left join doubts
        on customer_records.customer_id = doubts.customer_id
    left join firsts
        on customer_records.customer_id = firsts.customer_id
    left join segments
        on customer_records.customer_id = segments.customer_id
    left join consents
        on customer_records.customer_id = consents.customer_id
    left join next_categories
        on customer_records.customer_id = next_categories.customer_id
    left join home_stores
        on customer_records.customer_id = home_stores.customer_id
    left join places
        on customer_records.customer_id = places.customer_id
    left join households
        on customer_records.customer_id = households.customer_id
)

select
    customer_id,
    cast(record_count as bigint) as record_count,
    cast(customer_record_count as bigint) as customer_record_count,
    cast(contact_count as bigint) as contact_count,
    cast(loyalty_account_count as bigint) as loyalty_account_count,
    cast(browser_count as bigint) as browser_count,
    cast(app_device_count as bigint) as app_device_count,
    cast(card_count as bigint) as card_count,
    is_known_online,
    is_known_in_store,
    is_email_subscribed,
    household_id,
    cast(household_person_count as bigint) as household_person_count,
    country_code,
    country_source_system,
    city,
    city_source_system,
    home_store_id,
    cast(order_count as bigint) as order_count,
    cast(web_order_count as bigint) as web_order_count,
    cast(bopis_order_count as bigint) as bopis_order_count,
    cast(till_order_count as bigint) as till_order_count,
    cast(store_visit_count as bigint) as store_visit_count,
    cast(net_reporting_minor as bigint) as net_reporting_minor,
    first_seen_at,
    last_seen_at,
    first_order_at,
    last_order_at,
    first_touch_channel,
    first_touch_at,
    identity_fault,
    first_purchase_channel,
    first_store_id,
    first_order_date,
    last_order_date,
    cast(days_since_last_order as bigint) as days_since_last_order,
    recency_score,
    frequency_score,
    monetary_score,
    rfm_segment,
    preferred_channel,
    next_category,
    email_consent_status,
    sms_consent_status,
    analytics_consent_status,
    ads_consent_status
from joined

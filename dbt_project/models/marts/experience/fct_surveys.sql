with

answers as (
    select * from {{ ref('survey_responses') }}
    where not coalesce(is_test, false)
),

invitations as (
    select * from {{ ref('survey_invitations') }}
),

tests as (
    select distinct
        connection,
        response_id
    from {{ ref('survey_responses') }}
    where is_test
),

persons as (
    select * from {{ ref('int_identity__persons') }}
),

locations as (
    select * from {{ ref('int_stores__locations') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
),

orders as (
    select * from {{ ref('int_orders__all') }}
),

names as (
    select
        connection,
        survey_id,
        max(survey_name) as survey_name
    from {{ ref('survey_responses') }}
    group by connection, survey_id
),

-- What every answer of a response says alike.
responses as (
    select
        connection,
        response_id,
        min(source_system) as source_system,
        min(survey_id) as survey_id,
        min(record_key) as record_key,
        min(order_name) as order_name,
        min(location_kind) as location_kind,
        min(location_id) as location_id,
        min(channel) as channel,
        min(started_at) as started_at,
        max(submitted_at) as submitted_at,
        bool_and(coalesce(is_complete, true)) as is_complete,
        count(score) as score_count
    from answers
    group by connection, response_id
),

-- A response to two invitations is the earlier one's; the other was not answered.
invited as (
    select
        invitations.*,
        case when tests.response_id is null then invitations.response_id end as answered_id,
        row_number() over (
            partition by invitations.connection, invitations.response_id
            order by invitations.invited_at, invitations.invitation_id
        ) as place,
        tests.response_id is not null as is_test
    from invitations
    left join tests
        on
            invitations.connection = tests.connection
            and invitations.response_id = tests.response_id
),

sent as (
    select * from invited
    where not is_test
),

asked as (
    select
        coalesce(sent.connection, responses.connection) as connection,
        coalesce(sent.source_system, responses.source_system) as source_system,
        coalesce(responses.survey_id, sent.survey_id) as survey_id,
        sent.invitation_id,
        responses.response_id,
        coalesce(responses.record_key, sent.record_key) as record_key,
        coalesce(responses.channel, sent.channel) as channel,
        sent.invited_at,
        sent.is_delivered,
        responses.order_name,
        responses.location_kind,
        responses.location_id,
        responses.started_at,
        responses.submitted_at,
        responses.is_complete,
        coalesce(responses.score_count, 0) as score_count,
        coalesce(sent.invited_at, responses.submitted_at) as asked_at
    from sent
    full outer join responses
        on
            sent.connection = responses.connection
            and sent.answered_id = responses.response_id
            and sent.place = 1
),

-- An order's name on a survey is the order's that bears it alone.
named_orders as (
    select
        {{ replace_pattern('order_name', '^#', '') }} as called,
        min(order_id) as order_id
    from orders
    where order_name is not null
    group by {{ replace_pattern('order_name', '^#', '') }}
    having count(*) = 1
),

known as (
    select
        asked.*,
        persons.customer_id,
        locations.store_id as told_store_id,
        named_orders.order_id as told_order_id
    from asked
    left join persons
        on asked.record_key = persons.record_key
    left join locations
        on
            {{ at_location('asked', 'asked.asked_at') }}
    left join named_orders
        on {{ replace_pattern('asked.order_name', '^#', '') }} = named_orders.called
),

-- Who is asked after a purchase is asked about it: where the survey does not name it, the newest before.
candidates as (
    select
        known.connection,
        known.invitation_id,
        known.response_id,
        orders.order_id,
        orders.store_id,
        orders.order_channel,
        coalesce(known.told_store_id = orders.store_id, known.told_store_id is null) as is_there,
        row_number() over (
            partition by
                known.connection, known.invitation_id, known.response_id,
                coalesce(known.told_store_id = orders.store_id, known.told_store_id is null)
            order by orders.ordered_at desc, orders.order_id asc
        ) as place_there,
        row_number() over (
            partition by known.connection, known.invitation_id, known.response_id
            order by orders.ordered_at desc, orders.order_id asc
        ) as place
    from known
    inner join orders
        on
            known.customer_id = orders.customer_id
            and orders.is_sale
            and {{ seconds_between('orders.ordered_at', 'known.asked_at') }}
            between 0 and {{ var('survey_sale_days') }} * 86400
),

placed as (
    select
        known.*,
        coalesce(known.told_order_id, there.order_id) as order_id,
        case
            when coalesce(known.told_order_id, known.told_store_id) is not null then 'survey'
            when there.order_id is not null then 'latest_sale'
        end as placed_by,
        latest.store_id as invited_store_id,
        latest.order_channel as invited_journey
    from known
    left join candidates as there
        on
            known.connection = there.connection
            and coalesce(known.invitation_id, '') = coalesce(there.invitation_id, '')
            and coalesce(known.response_id, '') = coalesce(there.response_id, '')
            and there.is_there
            and there.place_there = 1
    left join candidates as latest
        on
            known.connection = latest.connection
            and coalesce(known.invitation_id, '') = coalesce(latest.invitation_id, '')
            and coalesce(known.response_id, '') = coalesce(latest.response_id, '')
            and latest.place = 1
)

select
    {{ hash_key([
        'placed.connection', 'placed.invitation_id', "'response'", 'placed.response_id'
    ]) }} as survey_entry_id,
    placed.connection,
    placed.source_system,
    placed.survey_id,
    names.survey_name,
    placed.channel,
    placed.customer_id,
    coalesce(placed.told_store_id, orders.store_id) as store_id,
    case
        when orders.order_id is not null then orders.order_channel
        when placed.told_store_id is not null then 'visit'
        else 'unknown'
    end as journey,
    placed.placed_by,
    orders.order_id,
    placed.invited_at,
    {{ local_date(
        'placed.asked_at', "coalesce(stores.time_zone, '" ~ var('reporting_time_zone') ~ "')"
    ) }} as asked_date,
    coalesce(stores.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
    placed.invitation_id is not null as is_invited,
    case when placed.invitation_id is not null then placed.is_delivered end as is_delivered,
    placed.response_id,
    placed.submitted_at as responded_at,
    {{ local_date(
        'placed.submitted_at', "coalesce(stores.time_zone, '" ~ var('reporting_time_zone') ~ "')"
    ) }} as responded_date,
    placed.response_id is not null as is_answered,
    placed.is_complete,
    case when placed.invitation_id is not null then placed.invited_store_id end as invited_store_id,
    case when placed.invitation_id is not null then coalesce(placed.invited_journey, 'unknown') end
        as invited_journey,
    cast(placed.score_count as bigint) as score_count
from placed
left join orders
    on placed.order_id = orders.order_id
left join stores
    on coalesce(placed.told_store_id, orders.store_id) = stores.store_id
left join names
    on
        placed.connection = names.connection
        and placed.survey_id = names.survey_id

{{ config(materialized='view') }}

with

deals as (
    select * from {{ staged('stg_hubspot__deals') }}
    where not is_deleted
),

exploded as (
    select
        connection,
        hubspot_pipeline_id,
        {{ explode('stages') }} as stage
    from {{ staged('stg_hubspot__pipelines') }}
),

stages as (
    select
        connection,
        hubspot_pipeline_id,
        stage.id as deal_stage,
        stage.label as stage_name,
        {{ flag('stage.metadata.isClosed') }} as is_closed,
        {{ amount('stage.metadata.probability') }} as probability
    from exploded
)

select
    deals.connection,
    'hubspot' as source_system,
    deals._load_id,
    deals.hubspot_deal_id as deal_id,
    {{ record_key('contact', 'deals.hubspot_contact_id', 'deals.connection') }} as record_key,
    -- What a stage means its pipeline says; what its pipeline does not say any more, the deal; without either, the
    -- names of the stages that every portal begins with.
    case
        when stages.is_closed and stages.probability = 1 then 'won'
        when stages.is_closed and stages.probability = 0 then 'lost'
        when stages.is_closed is not null then 'open'
        when deals.is_closed_won then 'won'
        when deals.is_closed then 'lost'
        when deals.is_closed is not null then 'open'
        when deals.deal_stage = 'closedwon' then 'won'
        when deals.deal_stage = 'closedlost' then 'lost'
        else 'open'
    end as deal_status,
    coalesce(stages.stage_name, deals.deal_stage) as stage_name,
    deals.lead_source,
    deals.order_name,
    deals.currency_code,
    deals.amount_minor,
    deals.closed_at,
    deals.created_at
from deals
left join stages
    on
        deals.connection = stages.connection
        and deals.hubspot_pipeline_id = stages.hubspot_pipeline_id
        and deals.deal_stage = stages.deal_stage

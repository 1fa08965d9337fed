{{ config(materialized='table') }}

-- What was begun and then submitted is in both lists for a day.
with

responses as (
    select
        connection,
        _load_id,
        typeform_form_id,
        typeform_response_id,
        answers,
        hidden_fields,
        landed_at,
        submitted_at,
        true as is_complete
    from {{ staged('stg_typeform__responses') }}
    where not is_deleted
    union all
    select
        begun.connection,
        begun._load_id,
        begun.typeform_form_id,
        begun.typeform_response_id,
        begun.answers,
        begun.hidden_fields,
        begun.landed_at,
        begun.landed_at as submitted_at,
        false as is_complete
    from (
        select
            *,
            max(_load_id) over (partition by connection) as newest_load_id
        from {{ staged('stg_typeform__partial_responses') }}
    ) as begun
    left join {{ ref('stg_typeform__responses') }} as submitted
        on
            begun.connection = submitted.connection
            and begun.typeform_response_id = submitted.typeform_response_id
    where begun._load_id = begun.newest_load_id and submitted.typeform_response_id is null
),

context as (
    {{ survey_context('responses', 'typeform_response_id', 'hidden_fields') }}
),

emails as (
    select
        connection,
        typeform_response_id,
        {{ first_element(filter_elements('answers', 'element.email is not null')) }}.email as email,
        {{ first_element(filter_elements('answers', 'element.phone_number is not null')) }}.phone_number as phone
    from responses
)

select
    responses.connection,
    responses._load_id,
    responses.typeform_form_id,
    responses.typeform_response_id,
    responses.answers,
    responses.is_complete,
    responses.landed_at,
    responses.submitted_at,
    context.order_name,
    context.store_code,
    context.customer_id,
    coalesce(context.email, emails.email) as email,
    coalesce(context.phone, emails.phone) as phone,
    lower(context.channel) as channel,
    coalesce(lower(context.test) not in ('false', '0', 'no'), false) as is_test
from responses
left join context
    on
        responses.connection = context.connection
        and responses.typeform_response_id = context.typeform_response_id
left join emails
    on
        responses.connection = emails.connection
        and responses.typeform_response_id = emails.typeform_response_id

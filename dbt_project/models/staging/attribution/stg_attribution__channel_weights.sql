select
    {{ as_text('null') }} as conversion_type,
    {{ as_text('null') }} as attribution_model,
    {{ as_text('null') }} as channel,
    cast(null as bigint) as weight_trillionths,
    cast(null as decimal(13, 12)) as weight_standard_error,
    cast(null as decimal(13, 12)) as removal_effect,
    cast(null as boolean) as is_sampled,
    cast(null as boolean) as is_negative
where false

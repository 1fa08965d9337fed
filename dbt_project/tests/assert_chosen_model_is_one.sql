-- The model that a company reports by is one that is there.
select '{{ var("attribution_model") }}' as attribution_model
where
    '{{ var("attribution_model") }}' not in (
        select attribution_models.attribution_model from {{ ref('attribution_models') }} as attribution_models
    )

-- No pair is in more orders than either product, what a control expects lies in its band and is some experiment's,
-- no more customers come back than there are.
with

experiments as (select distinct experiment_id from {{ ref('fct_experiments') }})

select
    'pair' as fault,
    product_pair_id as found
from {{ ref('rpt_product_pairs') }}
where
    first_product_code >= second_product_code
    or pair_order_count > least(first_order_count, second_order_count)
    or greatest(first_order_count, second_order_count) > window_order_count
union all
select
    'experiment' as fault,
    days.experiment_day_id as found
from {{ ref('fct_experiment_days') }} as days
left join experiments
    on days.experiment_id = experiments.experiment_id
where
    experiments.experiment_id is null
    or days.expected_low > days.expected
    or days.expected > days.expected_high
union all
select
    'customers' as fault,
    {{ as_text('until_date') }} as found
from {{ ref('rpt_ltv_models') }}
where repeat_customer_count > customer_count

-- How many purchases did the model expect of the quarter that was held back, and how many were there?
select tested_days, tested_expected_count, tested_actual_count, test_reason
from marts.rpt_ltv_models;

-- What does the model say of customers on the whole?
select r / alpha_days as purchases_per_day, a / (a + b) as chance_to_leave, mean_purchase_amount
from marts.rpt_ltv_models;

-- Why is nothing predicted?
select purchases_reason, spend_reason, repeat_customer_count, spend_correlation
from marts.rpt_ltv_models;

-- How sure is what is expected of all customers together?
select
    sum(predicted_value_amount) as predicted_value_amount,
    sum(predicted_value_amount) * max(sum_low_factor) as predicted_value_low_amount,
    sum(predicted_value_amount) * max(sum_high_factor) as predicted_value_high_amount
from marts.fct_customer_ltv inner join marts.rpt_ltv_models using (until_date);

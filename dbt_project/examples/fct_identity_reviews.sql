-- Which pairs should somebody look at first?
select left_customer_id, right_customer_id, probability, explanation
from marts.fct_identity_reviews
order by probability desc nulls last
limit 20;

-- How many pairs wait for a decision, and why?
select reason, count(*) as pair_count
from marts.fct_identity_reviews
group by all;

-- What is at stake: how much did both of a pair buy?
select
    reviews.review_id,
    lefts.net_reporting_minor as left_net_reporting_minor,
    rights.net_reporting_minor as right_net_reporting_minor
from marts.fct_identity_reviews as reviews
inner join marts.dim_customers as lefts on reviews.left_customer_id = lefts.customer_id
inner join marts.dim_customers as rights on reviews.right_customer_id = rights.customer_id
order by lefts.net_reporting_minor + rights.net_reporting_minor desc;

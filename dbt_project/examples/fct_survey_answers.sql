-- How do people answer each question?
select question_name, question_kind, count(*) as answer_count, avg(score) as mean_score
from marts.fct_survey_answers
group by all
order by all;

-- How are the scores spread?
select score, count(*) as answer_count
from marts.fct_survey_answers
where question_kind = 'nps'
group by all
order by score;

-- Who was not content, to call back?
select surveys.customer_id, answers.question_name, answers.score
from marts.fct_survey_answers as answers
inner join marts.fct_surveys as surveys using (survey_entry_id)
where answers.nps_group = 'detractor' and surveys.customer_id is not null
order by answers.score;

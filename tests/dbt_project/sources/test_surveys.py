"""What Typeform and SurveyMonkey serve of the world's surveys stands in the contracts.

A world of its own: few answer, and the small one of the other sources has next to no answers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from demo import world
from tests.dbt_project.sources import built
from tests.dbt_project.sources.built import START, Built
from tests.end_to_end.conftest import Shared

pytestmark = pytest.mark.e2e
SECOND = "date_trunc('second', {})".format


def make_world(folder: Path) -> None:
    world.generate(folder, persons=1500, days=12, seed=5, start=date(2026, 3, 23))


@pytest.fixture(scope="module")
def together(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = shared("world_of_surveys", make_world)
    return built.build(tmp_path_factory.mktemp("surveys"), folder, ("typeform", "surveymonkey"))


@pytest.fixture(scope="module")
def typeform(together: Built) -> Built:
    return replace(together, sources=("typeform",))


@pytest.fixture(scope="module")
def surveymonkey(together: Built) -> Built:
    return replace(together, sources=("surveymonkey",))


def answers(served: Built, channels: str) -> str:
    """The world's scores by channel: what is told of them from the start date on."""
    return f"""(
        select a.*, s.name, s.kind, s.channel, i.phone, i.email, i.customer_no, o.order_name,
            shops.store_code, coalesce(a.submitted_at, a.started_at) as told_at
        from {served.world("survey_answers")} as a
        join {served.world("survey_invitations")} as i using (invitation_no)
        join {served.world("surveys")} as s on s.survey_no = a.survey_no
        left join {served.world("web_orders")} as o on o.order_no = i.web_order_no
        left join {served.world("shops")} as shops on shops.shop_no = i.shop_no
        where s.channel in ({channels}) and coalesce(a.submitted_at, a.started_at) >= '{START}'
    )"""


def test_the_contracts_hold(together: Built) -> None:
    together.assert_contracts_hold()


def test_scores_of_typeform(typeform: Built) -> None:
    """Those that were begun and not submitted are told with the time at which they were begun."""
    typeform.assert_same(
        f"""select md5('answer' || answer_no), name, 'rating', score::decimal(9, 3),
            1::decimal(9, 3), 5::decimal(9, 3), channel, store_code,
            {SECOND("started_at")}, {SECOND("if(is_complete, submitted_at, started_at)")},
            is_complete,
            if(phone is not null, 'typeform:survey_response:' || md5('answer' || answer_no), null)
        from {answers(typeform, "'sms', 'kiosk'")} where score is not null""",
        f"""select response_id, survey_name, question_kind, score, score_lowest, score_highest,
            channel, location_id, started_at, submitted_at, is_complete, record_key
        from {typeform.contract("survey_responses")} where question_name = 'How was it?'""",
    )


def test_scores_of_surveymonkey(surveymonkey: Built) -> None:
    """Of a Net Promoter question the place on the scale, not its weight."""
    surveymonkey.assert_same(
        f"""select answer_no::varchar, name, if(kind = 'nps', 'nps', 'rating'),
            score::decimal(9, 3), if(kind = 'nps', 0, 1)::decimal(9, 3),
            if(kind = 'nps', 10, 5)::decimal(9, 3), 'email', order_name, store_code,
            {SECOND("started_at")}, {SECOND("told_at")}, is_complete,
            'surveymonkey:survey_recipient:' || invitation_no
        from {answers(surveymonkey, "'email'")} where score is not null""",
        f"""select response_id, survey_name, question_kind, score, score_lowest, score_highest,
            channel, order_name, location_id, started_at, submitted_at, is_complete, record_key
        from {surveymonkey.contract("survey_responses")} where score is not null""",
    )


def test_what_people_wrote_stays_in_landing(together: Built) -> None:
    rows = together.rows(
        f"""select distinct score, answer_label from {together.contract("survey_responses")}
        where question_kind = 'text'"""
    )
    assert rows == [(None, None)]


def test_invitations(surveymonkey: Built) -> None:
    """A day's go out together when it is over; who bounced is told, and who has answered."""
    sent = f"""
        select i.invitation_no, i.survey_no, date_trunc('day', i.sent_at) as sent_on,
            i.is_delivered, a.answer_no
        from {surveymonkey.world("survey_invitations")} as i
        join {surveymonkey.world("surveys")} as s
            on s.survey_no = i.survey_no and s.channel = 'email'
        left join {answers(surveymonkey, "'email'")} as a on a.invitation_no = i.invitation_no
        where date_trunc('day', i.sent_at) < '2026-04-05' and i.sent_at >= '{START}'"""
    surveymonkey.assert_same(
        f"""select invitation_no::varchar, (300000000 + survey_no)::varchar, sent_on,
            answer_no::varchar, case when not is_delivered then false
                when answer_no is not null then true end
        from ({sent})""",
        f"""select invitation_id, survey_id, date_trunc('day', invited_at), response_id,
            is_delivered
        from {surveymonkey.contract("survey_invitations")}""",
    )


def test_people(together: Built) -> None:
    """By the address or number they were asked at, and the order that it is about."""
    typeform = f"""
        select 'survey_response', md5('answer' || answer_no), 'phone', phone
        from {answers(together, "'sms', 'kiosk'")} where phone is not null"""
    invited = f"""
        select 'survey_recipient', invitation_no::varchar, 'email', email
        from {together.world("survey_invitations")}
        join {together.world("surveys")} using (survey_no)
        where channel = 'email' and date_trunc('day', sent_at) < '2026-04-05'
            and sent_at >= '{START}'"""
    answered = f"""
        select 'survey_recipient', invitation_no::varchar, kind, value
        from (unpivot (
            select invitation_no, email::varchar as email, order_name::varchar as order_name,
                customer_no::varchar as customer_id
            from {answers(together, "'email'")}
        ) on email, order_name, customer_id into name kind value value)"""
    together.assert_same(
        f"from ({typeform} union {invited} union {answered})",
        f"""select distinct record_kind, record_id, identifier_type, identifier_value
        from {together.contract("person_identifiers")}""",
    )

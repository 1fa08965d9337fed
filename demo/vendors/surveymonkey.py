"""SurveyMonkey API v3: the surveys of the world that are asked by e-mail.

Lists are paged by number. "After" a time does not include its second. Each survey has one e-mail
collector, and each day's invitations go out as one message. Every answer tells what is left of the
day's requests.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
from demo.vendors.core.sql import literal, without_nulls
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import (
    Call,
    Problem,
    Reply,
    parse_limit,
    parse_time,
    reply_json,
    rows_json,
)

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "surveymonkey"
# Made up, and good for nothing but this simulator.
TOKEN = "demo-surveymonkey-token"  # noqa: S105
SCOPES = (
    "users_read",
    "surveys_read",
    "collectors_read",
    "responses_read",
    "responses_read_detail",
)
LIMITS = {
    "X-Ratelimit-App-Global-Day-Limit": "500000",
    "X-Ratelimit-App-Global-Day-Remaining": "499000",
    "X-Ratelimit-App-Global-Minute-Limit": "1000",
}
KEYS = "(SELECT unnest($keys))"
SCORE, WORDS = "7", "8"  # the last digit of a question's id
HIGHEST = {"nps": 10, "csat": 5}


def survey_id(survey_no: str) -> str:
    return f"(300000000 + {survey_no})::VARCHAR"


def collector_id(survey_no: str) -> str:
    return f"(400000000 + {survey_no})::VARCHAR"


def _time(column: str) -> str:
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S+00:00')"


def _surveys(view: View) -> str:
    return f"""(
    SELECT *, {survey_id("survey_no")} AS id FROM {view.table("surveys")} WHERE channel = 'email'
    )"""


def _answers(view: View) -> str:
    return f"""(
    SELECT a.*, {survey_id("a.survey_no")} AS survey_id,
        date_trunc('second', coalesce(a.submitted_at, a.started_at)) AS modified_at
    FROM {view.table("survey_answers")} AS a
    JOIN {_surveys(view)} AS s ON s.survey_no = a.survey_no
    )"""


def _invitations(view: View) -> str:
    """With the message of their day, which goes out when the day is over."""
    return f"""(
    SELECT i.*, {survey_id("i.survey_no")} AS survey_id,
        (500000000 + 1000 * epoch_ms(date_trunc('day', i.sent_at)) // 86400000
            + i.survey_no)::VARCHAR AS message_id,
        min(i.sent_at) OVER (PARTITION BY i.survey_no, date_trunc('day', i.sent_at)) AS message_at
    FROM {view.table("survey_invitations")} AS i
    JOIN {_surveys(view)} AS s ON s.survey_no = i.survey_no
    WHERE date_trunc('day', i.sent_at) < date_trunc('day', {literal(view.now)})
    )"""


def _surveys_index(view: View, **_: Any) -> str:
    return f"SELECT id FROM {_surveys(view)} ORDER BY id"


def _surveys_render(view: View, **_: Any) -> str:
    body = """to_json({
        'id': id, 'title': name, 'nickname': '',
        'href': 'https://api.surveymonkey.com/v3/surveys/' || id,
        'date_modified': strftime(created_at, '%Y-%m-%dT%H:%M:%S')
    })"""
    return f"SELECT id, {body}::VARCHAR FROM {_surveys(view)} WHERE id IN {KEYS}"


def _collectors_index(view: View, survey: str) -> str:
    return f"SELECT id FROM {_surveys(view)} WHERE id = {literal(survey)}"


def _collectors_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': {collector_id("survey_no")}, 'name': 'E-mail 1', 'type': 'email', 'status': 'open',
        'href': 'https://api.surveymonkey.com/v3/collectors/' || {collector_id("survey_no")},
        'date_created': {_time("created_at")}, 'date_modified': {_time("created_at")}
    }})"""
    return f"SELECT id, {body}::VARCHAR FROM {_surveys(view)} WHERE id IN {KEYS}"


def _messages_index(view: View, collector: str) -> str:
    return f"""SELECT DISTINCT message_id FROM {_invitations(view)}
        WHERE {collector_id("survey_no")} = {literal(collector)} ORDER BY message_id"""


def _messages_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': message_id, 'type': 'invite', 'status': 'sent', 'is_scheduled': true,
        'subject': 'We want your opinion', 'recipient_status': NULL,
        'scheduled_date': {_time("message_at")}, 'date_created': {_time("message_at")}
    }})"""
    return f"""SELECT DISTINCT message_id, {body}::VARCHAR FROM {_invitations(view)}
        WHERE message_id IN {KEYS}"""


def _recipients_index(view: View, message: str) -> str:
    return f"""SELECT invitation_no FROM {_invitations(view)}
        WHERE message_id = {literal(message)} ORDER BY invitation_no"""


def _recipients_render(view: View, **_: Any) -> str:
    body = """to_json({
        'id': i.invitation_no::VARCHAR, 'email': i.email, 'phone_number': NULL::VARCHAR,
        'mail_status': CASE WHEN i.is_delivered THEN 'sent' ELSE 'bounced' END,
        'survey_response_status': CASE
            WHEN a.is_complete THEN 'completely_responded'
            WHEN a.answer_no IS NOT NULL THEN 'partially_responded'
            ELSE 'not_responded'
        END,
        'custom_fields': NULL, 'extra_fields': NULL
    })"""
    return f"""SELECT i.invitation_no, {body}::VARCHAR FROM {_invitations(view)} AS i
        LEFT JOIN {_answers(view)} AS a ON a.invitation_no = i.invitation_no
        WHERE i.invitation_no IN {KEYS}"""


def _responses_index(view: View, survey: str, since: str, until: str) -> str:
    return f"""SELECT answer_no FROM {_answers(view)}
        WHERE survey_id = {literal(survey)}
            AND modified_at > {since}::TIMESTAMP AND modified_at < {until}::TIMESTAMP
        ORDER BY modified_at, answer_no"""


def _responses_render(view: View, **_: Any) -> str:
    question = "survey_id || '{}'"
    score = f"""CASE WHEN a.score IS NOT NULL THEN to_json({{
        'id': {question.format(SCORE)},
        'answers': [{{
            'row_id': survey_id || '90',
            'choice_id': survey_id || '7' || lpad(a.score::VARCHAR, 2, '0')
        }}]
    }}) END"""
    words = f"""CASE WHEN a.comment IS NOT NULL THEN to_json({{
        'id': {question.format(WORDS)}, 'answers': [{{'text': a.comment}}]
    }}) END"""
    variables = without_nulls(
        "to_json({'order_name': o.order_name, 'store_code': shops.store_code,"
        " 'customer_id': i.customer_no::VARCHAR})"
    )
    body = f"""to_json({{
        'id': a.answer_no::VARCHAR,
        'survey_id': a.survey_id,
        'collector_id': {collector_id("a.survey_no")},
        'recipient_id': a.invitation_no::VARCHAR,
        'response_status': CASE WHEN a.is_complete THEN 'completed' ELSE 'partial' END,
        'collection_mode': 'default',
        'total_time': date_diff('second', a.started_at, a.modified_at),
        'date_created': {_time("a.started_at")},
        'date_modified': {_time("a.modified_at")},
        'custom_variables': {variables},
        'custom_value': '', 'ip_address': '192.0.2.1', 'page_path': [],
        'metadata': {{'contact': {{'email': {{'type': 'string', 'value': i.email}}}}}},
        'pages': [{{
            'id': a.survey_id || '1',
            'questions': list_filter([{score}, {words}], lambda each: each IS NOT NULL)
        }}]
    }})"""
    return f"""SELECT a.answer_no, {body}::VARCHAR FROM {_answers(view)} AS a
        JOIN {view.table("survey_invitations")} AS i ON i.invitation_no = a.invitation_no
        LEFT JOIN {view.table("web_orders")} AS o ON o.order_no = i.web_order_no
        LEFT JOIN {view.table("shops")} AS shops ON shops.shop_no = i.shop_no
        WHERE a.answer_no IN {KEYS}"""


def _ids_render(view: View, **_: Any) -> str:
    return f"""SELECT answer_no, to_json({{'id': answer_no::VARCHAR}})::VARCHAR
        FROM {_answers(view)} WHERE answer_no IN {KEYS}"""


SURVEYS = Stream("surveymonkey.surveys", _surveys_index, _surveys_render)
COLLECTORS = Stream("surveymonkey.collectors", _collectors_index, _collectors_render)
MESSAGES = Stream("surveymonkey.messages", _messages_index, _messages_render)
RECIPIENTS = Stream("surveymonkey.recipients", _recipients_index, _recipients_render)
RESPONSES = Stream("surveymonkey.responses", _responses_index, _responses_render)
IDS = Stream("surveymonkey.response_ids", _responses_index, _ids_render)


def _page(
    sim: Simulation, call: Call, stream: Stream, filters: dict[str, Any], most: int = 1000
) -> Reply:
    size = parse_limit(call.query.get("per_page"), "per_page", 50, most)
    number = parse_limit(call.query.get("page"), "page", 1, 100_000)
    listing = sim.listing(stream, filters)
    page = cut_page(listing, (number - 1) * size, size, call.whims)
    rows = with_new_field(page.rows, call.whims, "_preview")
    path = f"https://api.surveymonkey.com{call.path}?per_page={size}"
    following = f',"next":"{path}&page={number + 1}"' if page.next_offset is not None else ""
    return Reply(
        f'{{"data":{rows_json(rows)},"per_page":{size},"page":{number},"total":{page.total},'
        f'"links":{{"self":"{path}&page={number}"{following}}}}}',
        headers=dict(LIMITS),
    )


def me(sim: Simulation, call: Call) -> Reply:
    granted = sim.granted(SCOPES)
    scopes = {"available": list(SCOPES), "granted": granted}
    return reply_json({"username": "demo", "scopes": scopes}, headers=dict(LIMITS))


def list_surveys(sim: Simulation, call: Call) -> Reply:
    sim.need("surveys_read")
    return _page(sim, call, SURVEYS, {})


def _survey(sim: Simulation, call: Call) -> tuple[Any, ...]:
    found = sim.query(
        f"""SELECT id, name, kind, strftime(created_at, '%Y-%m-%dT%H:%M:%S')
        FROM {_surveys(sim.view)} WHERE id = $id""",
        {"id": call.path_params["survey"]},
    )
    if not found:
        raise Problem("not_found", "There was an error retrieving the requested resource.")
    return found[0]


def one_survey(sim: Simulation, call: Call) -> Reply:
    sim.need("surveys_read")
    number, name, _, changed = _survey(sim, call)
    return reply_json({"id": number, "title": name, "date_modified": changed}, headers=dict(LIMITS))


def details(sim: Simulation, call: Call) -> Reply:
    sim.need("surveys_read")
    number, name, kind, changed = _survey(sim, call)
    lowest, highest = (0, 10) if kind == "nps" else (1, 5)
    choices = [
        {
            "id": f"{number}7{score:02}", "position": score - lowest + 1, "visible": True,
            "text": str(score) if kind == "nps" else "", "is_na": False,
            "weight": (-100 if score < 7 else 0 if score < 9 else 100) if kind == "nps" else score,
        }
        for score in range(lowest, highest + 1)
    ]  # fmt: skip
    star = {"display_type": "emoji", "display_subtype": "star"}
    questions = [
        {
            "id": f"{number}{SCORE}", "family": "matrix", "subtype": "rating", "position": 1,
            "headings": [{"heading": "How likely is it that you would recommend us?"
                          if kind == "nps" else "How was it?"}],
            "display_options": None if kind == "nps" else star,
            "answers": {"rows": [{"id": f"{number}90", "text": "", "position": 1}],
                        "choices": choices},
        },
        {
            "id": f"{number}{WORDS}", "family": "open_ended", "subtype": "essay", "position": 2,
            "headings": [{"heading": "Why?"}], "display_options": None,
        },
    ]  # fmt: skip
    page = {"id": f"{number}1", "title": "", "position": 1, "questions": questions}
    body = {
        "id": number, "title": name, "nickname": "", "language": "en", "page_count": 1,
        "question_count": 2, "date_created": changed, "date_modified": changed,
        "custom_variables": {"order_name": "", "store_code": "", "customer_id": ""},
        "pages": [page],
    }  # fmt: skip
    return reply_json(body, headers=dict(LIMITS))


def list_collectors(sim: Simulation, call: Call) -> Reply:
    sim.need("collectors_read")
    _survey(sim, call)
    return _page(sim, call, COLLECTORS, {"survey": call.path_params["survey"]})


def list_messages(sim: Simulation, call: Call) -> Reply:
    sim.need("collectors_read")
    return _page(sim, call, MESSAGES, {"collector": call.path_params["collector"]})


def list_recipients(sim: Simulation, call: Call) -> Reply:
    sim.need("collectors_read")
    return _page(sim, call, RECIPIENTS, {"message": call.path_params["message"]})


def _between(call: Call) -> dict[str, str]:
    edges = {"since": "start_modified_at", "until": "end_modified_at"}
    ends = {"since": "'-infinity'", "until": "'infinity'"}
    return {
        name: literal(parse_time(call.query[asked], asked)) if asked in call.query else ends[name]
        for name, asked in edges.items()
    }


def responses(sim: Simulation, call: Call) -> Reply:
    sim.need("responses_read_detail")
    _survey(sim, call)
    filters = {"survey": call.path_params["survey"], **_between(call)}
    return _page(sim, call, RESPONSES, filters, 100)


def response_ids(sim: Simulation, call: Call) -> Reply:
    sim.need("responses_read")
    _survey(sim, call)
    return _page(sim, call, IDS, {"survey": call.path_params["survey"], **_between(call)})


def one_response(sim: Simulation, call: Call) -> Reply:
    sim.need("responses_read")
    found = sim.query(
        f"SELECT answer_no FROM {_answers(sim.view)} WHERE answer_no::VARCHAR = $id",
        {"id": call.path_params["response"]},
    )
    if not found:
        raise Problem("not_found", "There was an error retrieving the requested resource.")
    return reply_json({"id": call.path_params["response"]}, headers=dict(LIMITS))


PROBLEMS = {
    "unauthenticated": (401, "1011"),
    "token_expired": (401, "1012"),
    "bad_credentials": (401, "1011"),
    "rate_limited": (429, "1040"),
    "server_error": (500, "1050"),
    "not_found": (404, "1020"),
    "forbidden": (403, "1014"),
}


def refuse(problem: Problem) -> Reply:
    status, code = PROBLEMS.get(problem.kind, (400, "1000"))
    status = problem.status if problem.kind == "server_error" else status
    headers = problem.headers()
    error = {
        "id": code, "name": problem.kind, "message": problem.message, "http_status_code": status,
        "docs": "https://developer.surveymonkey.com/api/v3/#error-codes",
    }  # fmt: skip
    return reply_json({"error": error}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": TOKEN, "extra": {"requests_per_minute": 100_000}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/v3/users/me", me),
        ("GET", "/v3/surveys", list_surveys),
        ("GET", "/v3/surveys/{survey}", one_survey),
        ("GET", "/v3/surveys/{survey}/details", details),
        ("GET", "/v3/surveys/{survey}/collectors", list_collectors),
        ("GET", "/v3/surveys/{survey}/responses", response_ids),
        ("GET", "/v3/surveys/{survey}/responses/bulk", responses),
        ("GET", "/v3/surveys/{survey}/responses/{response}", one_response),
        ("GET", "/v3/collectors/{collector}/messages", list_messages),
        ("GET", "/v3/collectors/{collector}/messages/{message}/recipients", list_recipients),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={
        "survey_response": Record("survey_answer"),
        "survey_recipient": Record("survey_invitation"),
    },
)

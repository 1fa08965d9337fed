"""Typeform: the surveys of the world that are asked at the exit of a shop and by SMS.

Responses come newest first; `before` leads behind a response, and one that is not known is ignored.
Filters are exact to the second. What a link says of its receiver stands in hidden fields.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
from demo.vendors.core.sql import iso_s, literal, without_nulls
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

NAME = "typeform"
# Made up, and good for nothing but this simulator.
TOKEN = "tfp_demo_typeform"  # noqa: S105
CHANNELS = "('sms', 'kiosk')"
KEYS = "(SELECT unnest($keys))"
ANSWER_TOKEN = "md5('answer' || ({}))"  # noqa: S105


def form_id(survey_no: str) -> str:
    return f"('tfSrv' || {survey_no})"


def _surveys(view: View) -> str:
    return f"(SELECT * FROM {view.table('surveys')} WHERE channel IN {CHANNELS})"


def _forms_index(view: View) -> str:
    return f"SELECT survey_no FROM {_surveys(view)} ORDER BY created_at DESC, survey_no"


def _forms_render(view: View) -> str:
    body = f"""to_json({{
        'id': {form_id("survey_no")}, 'type': 'form', 'title': name,
        'created_at': {iso_s("created_at")}, 'last_updated_at': {iso_s("created_at")},
        'settings': {{'is_public': true, 'is_trial': false}},
        '_links': {{'display': 'https://demo.typeform.com/to/' || {form_id("survey_no")}}}
    }})"""
    return f"SELECT survey_no, {body}::VARCHAR FROM {_surveys(view)} WHERE survey_no IN {KEYS}"


FORMS = Stream("typeform.forms", _forms_index, _forms_render)


def list_forms(sim: Simulation, call: Call) -> Reply:
    sim.need("forms:read")
    size = parse_limit(call.query.get("page_size"), "page_size", 10, 200)
    number = parse_limit(call.query.get("page"), "page", 1, 100_000)
    listing = sim.listing(FORMS, {})
    page = cut_page(listing, (number - 1) * size, size, call.whims)
    rows = with_new_field(page.rows, call.whims, "_preview")
    pages = -(-len(listing) // size)
    return Reply(f'{{"total_items":{len(listing)},"page_count":{pages},"items":{rows_json(rows)}}}')


def one_form(sim: Simulation, call: Call) -> Reply:
    sim.need("forms:read")
    survey = _survey(sim, call.path_params["form"])
    if survey is None:
        raise Problem("not_found", "Form not found", code="FORM_NOT_FOUND")
    number, name, kind = survey
    form = call.path_params["form"]
    scale = (
        {"type": "nps", "properties": {"steps": 11, "start_at_one": False}}
        if kind == "nps"
        else {"type": "rating", "properties": {"steps": 5, "shape": "star"}}
    )
    fields = [
        {"id": f"score{number}", "ref": "satisfaction", "title": "How was it?", **scale},
        {
            "id": f"words{number}", "ref": "comment", "title": "Why?", "type": "long_text",
            "properties": {},
        },
    ]  # fmt: skip
    hidden = ["order_name", "store_code", "phone", "customer_id", "channel"]
    return reply_json(
        {
            "id": form, "type": "form", "title": name, "hidden": hidden, "fields": fields,
            "variables": {"score": 0}, "settings": {"is_public": True},
            "workspace": {"href": "https://api.typeform.com/workspaces/demo"},
        }
    )  # fmt: skip


def _survey(sim: Simulation, form: str) -> tuple[Any, ...] | None:
    found = sim.query(
        f"SELECT survey_no, name, kind FROM {_surveys(sim.view)}"
        f" WHERE {form_id('survey_no')} = $form",
        {"form": form},
    )
    return found[0] if found else None


def _answers(view: View) -> str:
    return f"""(
    SELECT a.*, {ANSWER_TOKEN.format("a.answer_no")} AS token,
        date_trunc('second', coalesce(a.submitted_at, a.started_at)) AS told_at,
        i.phone, i.customer_no, i.web_order_no, i.shop_no, s.kind, s.channel
    FROM {view.table("survey_answers")} AS a
    JOIN {view.table("survey_invitations")} AS i ON i.invitation_no = a.invitation_no
    JOIN {_surveys(view)} AS s ON s.survey_no = a.survey_no
    )"""


def _responses_index(
    view: View, survey_no: int, is_complete: bool, conditions: tuple[str, ...]
) -> str:
    found = " AND ".join((
        f"survey_no = {survey_no}", f"is_complete = {is_complete}", *conditions,
    ))  # fmt: skip
    return f"""SELECT answer_no FROM {_answers(view)}
        WHERE {found} ORDER BY told_at DESC, answer_no DESC"""


def _responses_render(view: View, **_: Any) -> str:
    field = "{{'id': '{}' || a.survey_no, 'type': {}, 'ref': '{}'}}"
    kind = "CASE WHEN a.kind = 'nps' THEN 'nps' ELSE 'rating' END"
    score = f"""CASE WHEN a.score IS NOT NULL THEN to_json({{
        'field': {field.format("score", kind, "satisfaction")}, 'type': 'number', 'number': a.score
    }}) END"""
    words = f"""CASE WHEN a.comment IS NOT NULL THEN to_json({{
        'field': {field.format("words", "'long_text'", "comment")}, 'type': 'text',
        'text': a.comment
    }}) END"""
    hidden = without_nulls(
        """to_json({
        'order_name': o.order_name, 'store_code': shops.store_code, 'phone': a.phone,
        'customer_id': a.customer_no::VARCHAR, 'channel': a.channel
    })"""
    )
    body = f"""to_json({{
        'landing_id': a.token, 'token': a.token, 'response_id': a.token,
        'response_type': CASE WHEN a.is_complete THEN 'completed' ELSE 'partial' END,
        'landed_at': {iso_s("a.started_at")},
        'submitted_at': CASE WHEN a.is_complete THEN {iso_s("a.submitted_at")}
            ELSE '0001-01-01T00:00:00Z' END,
        'metadata': {{'user_agent': 'Mozilla/5.0', 'platform': 'mobile', 'browser': 'touch'}},
        'hidden': {hidden},
        'calculated': {{'score': 0}},
        'answers': list_filter([{score}, {words}], lambda answer: answer IS NOT NULL)
    }})"""
    return f"""SELECT a.answer_no, {body}::VARCHAR
        FROM {_answers(view)} AS a
        LEFT JOIN {view.table("web_orders")} AS o ON o.order_no = a.web_order_no
        LEFT JOIN {view.table("shops")} AS shops ON shops.shop_no = a.shop_no
        WHERE a.answer_no IN {KEYS}"""


RESPONSES = Stream("typeform.responses", _responses_index, _responses_render)


def responses(sim: Simulation, call: Call) -> Reply:
    sim.need("responses:read")
    survey = _survey(sim, call.path_params["form"])
    if survey is None:
        raise Problem("not_found", "Form not found", code="FORM_NOT_FOUND")
    query = call.query
    size = parse_limit(query.get("page_size"), "page_size", 25, 1000)
    conditions: list[str] = []
    for name, sign in (("since", ">="), ("until", "<=")):
        if name in query:
            moment = parse_time(query[name], name).replace(microsecond=0)
            conditions.append(f"told_at {sign} {literal(moment)}")
    if ids := query.get("included_response_ids"):
        conditions.append(f"token IN ({', '.join(map(literal, ids.split(',')))})")
    is_complete = query.get("response_type", "completed") == "completed"
    total = _listed(sim, survey[0], is_complete, conditions)
    rest = total
    if before := query.get("before"):
        rest = _listed(sim, survey[0], is_complete, [*conditions, *_behind(sim, before)])
    page = cut_page(rest, 0, size, call.whims)
    rows = with_new_field(page.rows, call.whims, "_preview")
    pages = -(-len(rest) // size)
    return Reply(f'{{"total_items":{len(total)},"page_count":{pages},"items":{rows_json(rows)}}}')


def _listed(sim: Simulation, survey_no: int, is_complete: bool, conditions: Sequence[str]) -> Any:
    filters = {
        "survey_no": survey_no, "is_complete": is_complete, "conditions": tuple(conditions),
    }  # fmt: skip
    return sim.listing(RESPONSES, filters)


def _behind(sim: Simulation, token: str) -> list[str]:
    found = sim.query(
        f"SELECT told_at, answer_no FROM {_answers(sim.view)} WHERE token = $token",
        {"token": token},
    )
    return [f"(told_at, answer_no) < ({literal(at)}, {number})" for at, number in found]


PROBLEMS = {
    "unauthenticated": (401, "AUTHENTICATION_FAILED"),
    "token_expired": (401, "AUTHENTICATION_FAILED"),
    "bad_credentials": (401, "AUTHENTICATION_FAILED"),
    "rate_limited": (429, "TOO_MANY_REQUESTS"),
    "server_error": (500, "INTERNAL_SERVER_ERROR"),
    "not_found": (404, "NOT_FOUND"),
    "forbidden": (403, "AUTHORIZATION_FAILED"),
}


def refuse(problem: Problem) -> Reply:
    status, code = PROBLEMS.get(problem.kind, (400, "VALIDATION_ERROR"))
    status = problem.status if problem.kind == "server_error" else status
    headers = problem.headers()
    body = {"code": problem.code or code, "description": problem.message}
    return reply_json(body, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": TOKEN, "extra": {"requests_per_second": 1000}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/forms", list_forms),
        ("GET", "/forms/{form}", one_form),
        ("GET", "/forms/{form}/responses", responses),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={"survey_response": Record("survey_answer", ANSWER_TOKEN.format("record_id"))},
)

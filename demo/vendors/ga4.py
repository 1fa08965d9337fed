"""The GA4 BigQuery export read through the BigQuery REST API v2 (tables, tabledata.list).

A day's table ``events_YYYYMMDD`` appears once the day is over in the property's zone and is
rewritten while late events arrive, for three days. ``events_intraday_YYYYMMDD`` holds a day so
far and stays for some hours beside the day's own table, so the two overlap.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from demo.vendors.core import service_account
from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream
from demo.vendors.core.sql import decimal_text, literal
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, reply_json, rows_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "ga4"
# Made up, and good for nothing but this simulator.
PROJECT = "o2o-demo"
DATASET = "analytics_345678901"
CLIENT_EMAIL = "export-reader@o2o-demo.iam.gserviceaccount.com"
LATE_DAYS = 3
INTRADAY_STAYS = timedelta(hours=6)
TABLE = re.compile(r"^events_(?P<intraday>intraday_)?(?P<day>\d{8})$")

# One column: (name, BigQuery type, mode, sub-columns, SQL of a scalar).
Column = tuple[str, str, str, "list[Column]", str]


def _scalar(name: str, kind: str, sql: str) -> Column:
    return (name, kind, "NULLABLE", [], sql)


def _record(name: str, columns: list[Column]) -> Column:
    return (name, "RECORD", "NULLABLE", columns, "")


VALUE_COLUMNS = [
    _scalar("string_value", "STRING", ""),
    _scalar("int_value", "INTEGER", ""),
    _scalar("float_value", "FLOAT", ""),
    _scalar("double_value", "FLOAT", ""),
]


def _bought(sql: str) -> str:
    """Of purchases alone, as Analytics fills its ecommerce fields."""
    return f"CASE WHEN e.event_name = 'purchase' THEN {sql} END"


AMOUNT = decimal_text("e.value_minor", "cur.exponent")
# key, which of the four value columns it uses, SQL; an event without the value has no such param.
PARAMS = (
    ("ga_session_id", 1, "e.ga_session_id"),
    ("ga_session_number", 1, "e.ga_session_number"),
    ("page_location", 0, "e.page_location"),
    ("currency", 0, "e.currency_code"),
    ("value", 3, AMOUNT),
    ("transaction_id", 0, "e.transaction_id"),
    ("traffic_type", 0, "e.traffic_type"),
    ("item_id", 0, "e.item_id"),
    ("store_code", 0, "e.store_code"),
)
CONSENT = "CASE WHEN e.{} THEN 'Yes' ELSE 'No' END"
COLUMNS: list[Column] = [
    _scalar("event_date", "STRING", "strftime(e.event_date, '%Y%m%d')"),
    _scalar("event_timestamp", "INTEGER", "e.event_ts_us"),
    _scalar("event_name", "STRING", "e.event_name"),
    (
        "event_params",
        "RECORD",
        "REPEATED",
        [_scalar("key", "STRING", ""), _record("value", VALUE_COLUMNS)],
        "",
    ),
    _scalar("user_id", "STRING", "e.user_id"),
    _scalar("user_pseudo_id", "STRING", "e.user_pseudo_id"),
    _record(
        "privacy_info",
        [
            _scalar("analytics_storage", "STRING", CONSENT.format("consent_analytics")),
            _scalar("ads_storage", "STRING", CONSENT.format("consent_ads")),
        ],
    ),
    _scalar("platform", "STRING", "e.platform"),
    _record(
        "device",
        [
            _scalar("category", "STRING", "e.device_category"),
            _record("web_info", [_scalar("browser", "STRING", "e.browser")]),
        ],
    ),
    _record(
        "geo",
        [
            _scalar("city", "STRING", "e.city"),
            _scalar("country", "STRING", "e.country"),
            _scalar("region", "STRING", "NULL"),
        ],
    ),
    _record(
        "collected_traffic_source",
        [
            _scalar("manual_campaign_id", "STRING", "e.campaign_id"),
            _scalar("manual_campaign_name", "STRING", "e.campaign_name"),
            _scalar("manual_source", "STRING", "e.source"),
            _scalar("manual_medium", "STRING", "e.medium"),
            _scalar("gclid", "STRING", "CASE WHEN e.click_id_kind = 'gclid' THEN e.click_id END"),
        ],
    ),
    _record(
        "ecommerce",
        [
            _scalar("purchase_revenue", "FLOAT", _bought(AMOUNT)),
            _scalar("transaction_id", "STRING", _bought("e.transaction_id")),
        ],
    ),
    _scalar("batch_event_index", "INTEGER", "e.batch_event_index"),
    _scalar("batch_page_id", "INTEGER", "e.event_ts_us // 1000000"),
    _scalar("batch_ordering_id", "INTEGER", "e.batch_event_index // 10 + 1"),
]
NEW_COLUMN = _scalar("is_preview_user", "BOOLEAN", "'false'")


def _schema(columns: list[Column]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind, "mode": mode} | ({"fields": _schema(inner)} if inner else {})
        for name, kind, mode, inner, _ in columns
    ]


def _leaves(columns: list[Column]) -> list[str]:
    """SQL of all scalar cells in schema order; event parameters are told apart."""
    return [
        leaf
        for name, _, _, inner, sql in columns
        if name != "event_params"
        for leaf in (_leaves(inner) if inner else [sql])
    ]


def _template(columns: list[Column]) -> str:
    """A row's JSON text with %s for each scalar cell and one for the list of parameters."""
    cells = []
    for name, _, _, inner, _ in columns:
        if name == "event_params":
            cells.append('{"v":[%s]}')
        elif inner:
            cells.append('{"v":' + _template(inner) + "}")
        else:
            cells.append('{"v":%s}')
    return '{"f":[' + ",".join(cells) + "]}"


def _param_template(key: str, position: int) -> str:
    values = ['{"v":null}'] * len(VALUE_COLUMNS)
    values[position] = '{"v":%s}'
    return f'{{"v":{{"f":[{{"v":"{key}"}},{{"v":{{"f":[{",".join(values)}]}}}}]}}}}'


PARAM_TEMPLATES = [_param_template(key, position) for key, position, _ in PARAMS]
PARAMS_AT = next(at for at, column in enumerate(COLUMNS) if column[0] == "event_params")


def _columns(with_new: bool) -> list[Column]:
    return [*COLUMNS, NEW_COLUMN] if with_new else COLUMNS


def _source(view: View, day: date) -> str:
    """The day's events as of the view; the last rewrite of a day's table has all of them."""
    if view.account_now >= _midnight(day + timedelta(days=LATE_DAYS)):
        return f"(SELECT rowid, * FROM web_events WHERE event_date = {literal(day)})"
    return f"(SELECT * FROM {view.table('web_events')} WHERE event_date = {literal(day)})"


def _index(view: View, day: date, with_new: bool) -> str:
    return f"""
    SELECT rowid FROM {_source(view, day)}
    ORDER BY event_ts_us, user_pseudo_id, batch_event_index, event_name, rowid"""


def _render(view: View, day: date, with_new: bool) -> str:
    # Text from SQL, put into place by _write: JSON made by the database costs four times as much.
    cells = [sql for _, _, sql in PARAMS] + _leaves(_columns(with_new))
    return f"""
    SELECT e.rowid, {", ".join(f"({sql})::VARCHAR" for sql in cells)}
    FROM {_source(view, day)} AS e
    LEFT JOIN currencies AS cur ON cur.currency_code = e.currency_code
    WHERE e.rowid IN (SELECT unnest($keys))"""


TEMPLATES = {
    len(_leaves(columns)): _template(columns) for columns in (_columns(False), _columns(True))
}


def _write(row: tuple[Any, ...]) -> str:
    """One row as BigQuery writes it: every scalar is text or null, records are lists of cells."""
    values, cells = row[1 : len(PARAMS) + 1], row[len(PARAMS) + 1 :]
    params = ",".join(
        template % encode_basestring(value)
        for template, value in zip(PARAM_TEMPLATES, values, strict=True)
        if value is not None
    )
    texts = ["null" if value is None else encode_basestring(value) for value in cells]
    texts.insert(PARAMS_AT, params)
    return TEMPLATES[len(cells)] % tuple(texts)


EVENTS = Stream("ga4.events", _index, _render, _write)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def _tables(sim: Simulation) -> list[str]:
    view = sim.view
    events = view.table("web_events")
    first, last = sim.query(f"SELECT min(event_date), max(event_date) FROM {events}")[0]
    if first is None:
        return []
    names = []
    day = first
    while day <= last:
        if _exists(view, day, intraday=False):
            names.append(f"events_{day:%Y%m%d}")
        if _exists(view, day, intraday=True):
            names.append(f"events_intraday_{day:%Y%m%d}")
        day += timedelta(days=1)
    return sorted(names)


def _exists(view: View, day: date, *, intraday: bool) -> bool:
    over = _midnight(day + timedelta(days=1))
    if intraday:
        return _midnight(day) <= view.account_now < over + INTRADAY_STAYS
    return view.account_now >= over


def _table(sim: Simulation, call: Call) -> tuple[str, date]:
    name = call.path_params["table"]
    match = TABLE.match(name)
    day = datetime.strptime(match["day"], "%Y%m%d").date() if match else None  # noqa: DTZ007
    if day is None or name not in _tables(sim):
        where = f"{call.path_params['project']}:{call.path_params['dataset']}.{name}"
        raise Problem("not_found", f"Not found: Table {where}")
    return name, day


def _authorise(sim: Simulation, call: Call) -> None:
    sim.tokens.check(NAME, call.bearer)
    project, dataset = call.path_params["project"], call.path_params["dataset"]
    if (project, dataset) != (PROJECT, DATASET):
        raise Problem("not_found", f"Not found: Dataset {project}:{dataset}")


def token(sim: Simulation, call: Call) -> Reply:
    return service_account.token(sim, call, NAME, CLIENT_EMAIL)


def list_tables(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    names = _tables(sim)
    limit = parse_limit(call.query.get("maxResults"), "maxResults", 50, 1_000)
    after = call.query.get("pageToken", "")
    if after and after not in names:
        raise Problem("invalid_cursor", "Invalid page token")
    rest = [name for name in names if name > after]
    answer: dict[str, Any] = {
        "kind": "bigquery#tableList",
        "etag": "simulated",
        "totalItems": len(names),
    }
    if rest:
        answer["tables"] = [
            {
                "kind": "bigquery#table",
                "id": f"{PROJECT}:{DATASET}.{name}",
                "tableReference": _reference(name),
                "type": "TABLE",
            }
            for name in rest[:limit]
        ]
    if len(rest) > limit:
        answer["nextPageToken"] = rest[limit - 1]
    return reply_json(answer)


def _reference(name: str) -> dict[str, str]:
    return {
        "projectId": PROJECT,
        "datasetId": DATASET,
        "tableId": name,
    }


def get_table(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    name, day = _table(sim, call)
    with_new = sim.chaos.level > 0
    total = len(sim.listing(EVENTS, {"day": day, "with_new": with_new}))
    return reply_json(
        {
            "kind": "bigquery#table",
            "id": f"{PROJECT}:{DATASET}.{name}",
            "tableReference": _reference(name),
            "schema": {"fields": _schema(_columns(with_new))},
            "numRows": str(total),
            "type": "TABLE",
            "location": "EU",
        }
    )


def list_rows(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    _, day = _table(sim, call)
    page, following = sim.page(
        call,
        EVENTS,
        {"day": day, "with_new": sim.chaos.level > 0},
        parse_limit(call.query.get("maxResults"), "maxResults", 10_000, 100_000),
        call.query.get("pageToken"),
    )
    parts = ['"kind":"bigquery#tableDataList"', '"etag":"simulated"']
    parts.append(f'"totalRows":"{page.total}"')
    if following:
        parts.append(f'"pageToken":{json.dumps(following)}')
    if page.rows:
        parts.append(f'"rows":{rows_json(page.rows)}')
    return Reply("{" + ",".join(parts) + "}")


PROBLEMS = {
    "unauthenticated": (401, "UNAUTHENTICATED", "authError"),
    "token_expired": (401, "UNAUTHENTICATED", "authError"),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "rateLimitExceeded"),
    "server_error": (500, "INTERNAL", "backendError"),
    "invalid_request": (400, "INVALID_ARGUMENT", "invalid"),
    "invalid_cursor": (400, "INVALID_ARGUMENT", "invalid"),
    "cursor_expired": (400, "INVALID_ARGUMENT", "invalid"),
    "not_found": (404, "NOT_FOUND", "notFound"),
}


def refuse(problem: Problem) -> Reply:
    status, name, reason = PROBLEMS[problem.kind]
    if problem.kind == "server_error":
        status = problem.status
    message = "Invalid page token" if "cursor" in problem.kind else problem.message
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
        "status": name,
    }
    headers = problem.headers()
    return reply_json({"error": error}, status, headers)


_TABLES = "/bigquery/v2/projects/{project}/datasets/{dataset}/tables"


def credentials(host: str) -> dict[str, Any]:
    account = service_account.key_file(PROJECT, CLIENT_EMAIL, f"{host}/token")
    return {"extra": {"project": PROJECT, "dataset": DATASET, "service_account": account}}


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/token", token),
        ("GET", _TABLES, list_tables),
        ("GET", _TABLES + "/{table}", get_table),
        ("GET", _TABLES + "/{table}/data", list_rows),
    ),
    refuse,
    credentials,
    records={
        "browser": Record("ga_client"),
    },
)

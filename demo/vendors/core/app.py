"""The web application: each vendor under its prefix, a sheet, and the controls under /_sim."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from demo.vendors.core.chaos import LEVELS
from demo.vendors.core.listing import digest
from demo.vendors.core.state import Simulation
from demo.vendors.core.vendor import Handler, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_time

EXPERIMENT_COLUMNS = (
    "experiment_id", "channel", "design", "unit_type", "unit_id", "start_date", "end_date",
)  # fmt: skip
log = logging.getLogger(__name__)


class ConnectionCut(Exception):
    """Ends a response in the middle of its body."""


class CutResponse(Response):
    """Promises the whole body, sends half of it and hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.body)
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        raise ConnectionCut


def answer(sim: Simulation, vendor: Vendor, handler: Handler, call: Call) -> Reply:
    """What the vendor answers; a defect of ours becomes a logged 500, as it would there."""
    whims = call.whims
    try:
        if whims.failure == "rate_limited":
            raise Problem("rate_limited", "Too many requests.", retry_after=whims.retry_after)
        if whims.failure == "server_error":
            raise Problem("server_error", "Something went wrong.", status=whims.status)
        if (
            whims.failure == "token_expired"
            and vendor.tokens_expire
            and sim.chaos.may_kill_token(vendor.name)
        ):
            sim.tokens.end(vendor.name, vendor.token_of(call))
        return handler(sim, call)
    except Problem as problem:
        return vendor.refuse(problem)
    except Exception:
        log.exception("%s %s failed", call.method, call.path)
        return vendor.refuse(Problem("server_error", "Internal error.", status=500))


def _endpoint(
    sim: Simulation, vendor: Vendor, handler: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        call = Call(
            request.method,
            request.url.path,
            request.path_params,
            request.query_params,
            request.headers,
            await request.body(),
        )
        sim.chaos.count_request(vendor.name)
        identity = digest(call.method, call.path, sorted(call.query.items()), call.body)
        is_token_endpoint = handler.__name__ == "token"
        call.whims = sim.chaos.draw(vendor.name, identity, is_token_endpoint=is_token_endpoint)
        reply = await run_in_threadpool(answer, sim, vendor, handler, call)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        if call.whims.failure == "truncated":
            body = body[: len(body) * 2 // 3]
        kind = CutResponse if call.whims.failure == "cut" else Response
        return kind(body, reply.status, reply.headers, "application/json")

    return endpoint


def _vendor_routes(sim: Simulation, vendor: Vendor) -> list[BaseRoute]:
    return [
        Route(path, _endpoint(sim, vendor, handler), methods=[method])
        for method, path, handler in vendor.routes
    ]


def _controls(sim: Simulation) -> list[BaseRoute]:
    async def body_of(request: Request) -> dict[str, Any]:
        parsed = await request.json()
        if not isinstance(parsed, dict):
            raise Problem("invalid_request", "The body must be a JSON object.")
        return parsed

    async def clock(request: Request) -> Response:
        if request.method == "PUT":
            sim.set_clock(parse_time(str((await body_of(request)).get("now")), "now"))
        return JSONResponse({"now": sim.view.now.isoformat() + "Z"})

    async def chaos(request: Request) -> Response:
        if request.method == "PUT":
            body = await body_of(request)
            if body.get("level") not in LEVELS:
                raise Problem("invalid_request", "level must be 0, 1, 2 or 3.")
            sim.set_chaos(body["level"], int(body.get("seed", 0)), body.get("only"))
        return JSONResponse(
            {
                "level": sim.chaos.level,
                "seed": sim.chaos.seed,
                "only": sorted(sim.chaos.only) if sim.chaos.only is not None else None,
            }
        )

    async def faults(request: Request) -> Response:
        if request.method == "PUT":
            wanted = (await body_of(request)).get("faults")
            if not isinstance(wanted, list):
                raise Problem("invalid_request", "faults must be a list.")
            await run_in_threadpool(sim.set_faults, wanted)
        return JSONResponse({"faults": [fault.as_json() for fault in sim.view.faults]})

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "now": sim.view.now.isoformat() + "Z"})

    return [
        Route("/clock", clock, methods=["GET", "PUT"]),
        Route("/chaos", chaos, methods=["GET", "PUT"]),
        Route("/faults", faults, methods=["GET", "PUT"]),
        Route("/health", health, methods=["GET"]),
    ]


async def _refuse_control(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": getattr(error, "message", str(error))}, 400)


def _experiments(sim: Simulation) -> Route:
    """The company's own plan of experiments, as a sheet that is published on the web."""

    async def sheet(request: Request) -> Response:
        rows = await run_in_threadpool(
            sim.query,
            "SELECT experiment_id, channel, 'holdout', 'region', region_code, start_date, end_date"
            " FROM experiments ORDER BY ALL",
        )
        written = io.StringIO()
        csv.writer(written).writerows([EXPERIMENT_COLUMNS, *rows])
        return Response(written.getvalue(), media_type="text/csv")

    return Route("/sheets/experiments.csv", sheet)


def create_app(sim: Simulation, vendors: Iterable[Vendor]) -> Starlette:
    """The application over one simulation."""
    routes: list[BaseRoute] = [
        Mount(f"/{vendor.name}", routes=_vendor_routes(sim, vendor)) for vendor in vendors
    ]
    routes.append(_experiments(sim))
    routes.append(Mount("/_sim", routes=_controls(sim)))
    return Starlette(
        routes=routes,
        exception_handlers={Problem: _refuse_control, ValueError: _refuse_control},
    )

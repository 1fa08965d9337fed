"""HubSpot as the suite of behaviours sees it: a search whose page token is an offset."""

from __future__ import annotations

import operator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from connectors.hubspot import source as hubspot
from tests.connectors.shape import Impossible, Shape, number_of
from tests.connectors.vendor_stub import Answer, Request, Vendor

TESTS = {"GTE": operator.ge, "LTE": operator.le, "GT": operator.gt}
MODIFIED = {"contacts": "lastmodifieddate", "deals": "hs_lastmodifieddate"}


def value_of(name: str, tag: str, moment: datetime) -> int:
    return number_of(tag) if name == hubspot.ID else times.milliseconds(moment)


class Portal(Shape):
    """A portal with contacts, or with deals; reached by OAuth, or by a private app's token."""

    source = "hubspot"
    stream = "contacts"
    counted = "contacts"
    expired = Answer({"category": "VALIDATION_ERROR", "message": "invalid paging cursor"}, 400)
    busy = Answer({"category": "RATE_LIMITS", "message": "slow down"}, 429)
    error_in_200 = Answer({"status": "error", "category": "INTERNAL", "message": "internal"})
    renews = True
    shifts = True
    rows_at = ("results",)
    torn: ClassVar = {"total": 5, "results": [], "paging": {"next": {"link": "x"}}}
    capped = True
    late = timedelta(hours=1)
    day_edges = Impossible("no stream of days; times are UTC")

    def __init__(self, vendor: Vendor, page_size: int = 10_000, kind: str = "contacts") -> None:
        self.kind = kind
        self.archived: list[dict[str, Any]] = []
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        self.vendor.on("POST", "/oauth/v1/token", self.token)
        self.vendor.on("POST", f"{hubspot.OBJECTS}/{self.kind}/search", self.answer)
        self.vendor.on("GET", f"{hubspot.OBJECTS}/contacts", lambda _: {"results": self.archived})
        extra = {"searches_per_second": 10_000}
        self.private_app = Connection(self.vendor.url, "", "token", extra)
        return Connection(self.vendor.url, "id", "secret", {**extra, "refresh_token": "r"})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        properties = {MODIFIED[self.kind]: times.text(at), "firstname": text}
        return {"id": tag, "properties": properties}

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def page(self, request: Request) -> Any:
        body = request.json
        at, size = int(body.get("after", 0)), min(body["limit"], self.page_size)
        if at + size > hubspot.SEARCH_CAP:
            return Answer({"category": "VALIDATION_ERROR", "message": "too many results"}, 400)
        (group,), (sort,) = body["filterGroups"], body["sorts"]  # one rule of sorting is all
        found = [
            (value_of(sort["propertyName"], tag, moment), number_of(tag), row)
            for tag, (moment, row) in self.records.items()
            if all(
                TESTS[each["operator"]](
                    value_of(each["propertyName"], tag, moment), number_of(each["value"])
                )
                for each in group["filters"]
            )
        ]
        rows = [row for _, _, row in sorted(found, key=lambda each: each[:2])]
        found, token = self.cut(rows, at, size)
        paging = {"paging": {"next": {"after": token}}} if token else {}
        return {"total": len(rows) + self.claimed, "results": found, **paging}

    def beyond_the_cap(self, patch: Any) -> str:
        patch.setattr(hubspot, "SEARCH_CAP", 10)
        self.fill([timedelta(milliseconds=number // 3) for number in range(25)])
        return "contacts"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A contact that is archived leaves the search for a list of its own."""
        del self.records[tag]
        self.archived.append({"id": tag, "archived": True, "archivedAt": times.text(at)})
        return "archived_contacts", '"archived": true'


SHAPE = Portal

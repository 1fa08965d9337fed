"""Salesforce as the suite of behaviours sees it: queries of changed records, paged by a locator."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from connectors.salesforce import source as salesforce
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor

QUERY = f"{salesforce.DATA}/queryAll"
NEXT = f"{salesforce.DATA}/query/01g"


def stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"


def refused(code: str, message: str = "", status: int = 400) -> Answer:
    return Answer([{"errorCode": code, "message": message or code}], status)


class Org(Shape):
    """An org with one object's records. ``hidden`` are fields that it does not show."""

    source = "salesforce"
    stream = "contacts"
    counted = "contacts"
    expired = refused("INVALID_QUERY_LOCATOR", "invalid query locator")
    busy = refused(
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        403,
    )
    error_in_200: ClassVar = Answer([{"errorCode": "UNKNOWN_EXCEPTION", "message": "internal"}])
    renews = True
    shifts = Impossible("a locator leads into the list as it was found")
    rows_at = ("records",)
    torn: ClassVar = {"totalSize": 5, "done": False, "records": []}
    late = salesforce.OVERLAP
    day_edges = Impossible("no stream of days; times are UTC")
    beyond_the_cap = Impossible("a query is paged to its end")

    def __init__(
        self,
        vendor: Vendor,
        page_size: int = 10_000,
        entity: salesforce.Entity = salesforce.CONTACT,
    ) -> None:
        self.entity = entity
        self.found: list[dict[str, Any]] = []
        self.hidden: set[str] = set(entity.optional)
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        on = self.vendor.on
        on("POST", salesforce.TOKENS, self.token)
        on("GET", f"{salesforce.DATA}/sobjects/{self.entity.name}/describe", self.describe)
        on("GET", QUERY, self.first)
        on("GET", f"{salesforce.DATA}/query", self.rights)
        for at in range(12):
            on("GET", f"{NEXT}-{at}", self.answer)
        return Connection(self.vendor.url, "id", "secret", {"currency": "EUR"})

    def token(self, request: Request) -> Any:
        """It does not say when it ends."""
        self.tokens += 1
        return {"access_token": f"t{self.tokens}", "instance_url": self.vendor.url}

    def describe(self, request: Request) -> Any:
        known = ("Id", *salesforce.ALWAYS, *self.entity.fields, *self.entity.optional)
        return {"fields": [{"name": name} for name in known if name not in self.hidden]}

    def rights(self, request: Request) -> Any:
        granted = [{"PermissionsViewAllData": True}]
        return {"totalSize": 1, "done": True, "records": granted}

    def first(self, request: Request) -> Any:
        """The ids of a sweep are not what the suite asks for."""
        if "SystemModstamp" in request.query["q"]:
            return self.answer(request)
        listed = re.findall(r"'(\w+)'", request.query["q"])
        records = [{"Id": tag} for tag in self.records if not listed or tag in listed]
        return {"totalSize": len(records), "done": True, "records": records}

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "attributes": {"type": self.entity.name},
            "Id": tag,
            "FirstName": text,
            "IsDeleted": False,
            "SystemModstamp": stamp(at),
        }

    def tag(self, payload: Any) -> str:
        return str(payload["Id"])

    def page(self, request: Request) -> Any:
        at = request.path.rpartition("-")[2] if request.path.startswith(NEXT) else None
        if at is None:
            self.found = self.select(request.query["q"])
        rows, token = self.cut(self.found, at)
        following = {"nextRecordsUrl": f"{NEXT}-{token}"} if token else {}
        total = len(self.found) + self.claimed
        return {"totalSize": total, "done": not token, "records": rows, **following}

    def select(self, soql: str) -> list[dict[str, Any]]:
        edges = dict(re.findall(r"SystemModstamp (>=|<=|<) (\S+)", soql))
        behind = "".join(re.findall(r"Id > '(\w+)'", soql))
        last = times.parse(edges.get("<=") or edges["<"])
        if "<" in edges:
            last -= timedelta(milliseconds=1)
        first = times.parse(edges[">="])
        found = [
            (stamp(moment) if "ORDER BY SystemModstamp" in soql else "", tag, row)
            for tag, (moment, row) in self.records.items()
            if first <= moment <= last and tag > behind
        ]
        return [row for _, _, row in sorted(found, key=lambda each: each[:2])]

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A record that is deleted goes to the recycle bin, which is read as well."""
        self.add(tag, at, IsDeleted=True)
        return "contacts", '"IsDeleted": true'


SHAPE = Org

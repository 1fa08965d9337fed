"""Who answers for data: roles, not people. A check, a source, a DAG and a model name one of these.

A test holds all of them to this list.
"""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """A role, as it is written wherever something has an owner."""

    CRM_OPERATIONS = "crm-operations"  # the CRM, its contacts, deals and their sync
    CUSTOMER_DATA = "customer-data"  # who is who: identity over all systems
    DATA_PLATFORM = "data-platform"  # the warehouse itself and its feeds
    PERFORMANCE_MARKETING = "performance-marketing"  # ads: spend, claims, credit, experiments
    SALES_FINANCE = "sales-finance"  # money: orders, refunds, currencies
    STORE_OPERATIONS = "store-operations"  # shops: tills, sensors, visits
    WEB_ANALYTICS = "web-analytics"  # what is measured on web and in app
    WEB_SHOP = "web-shop"  # the shop on the web and its orders

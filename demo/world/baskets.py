"""Baskets: lines that add up to their order exactly, in integers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.ids import Ints
from demo.world.places import Products
from demo.world.tables import pick

COUPONS: list[str] = ["WELCOME10", "SPRING15", "APP5"]
PERCENT = np.array([10, 15, 5])


@dataclass(frozen=True)
class Baskets:
    """Lines in the order of their orders; the sums are per order and add up to the lines'."""

    order: Ints  # index of the order of each line
    line_no: Ints
    product: Ints
    quantity: Ints
    unit_price: Ints
    discount: Ints
    tax: Ints
    subtotal: Ints  # per order, like all that follow
    order_discount: Ints
    order_tax: Ints
    coupon: Ints  # index into COUPONS, -1: none

    @property
    def total(self) -> Ints:
        """Goods with tax, after discount, without shipping."""
        return self.subtotal - self.order_discount + self.order_tax

    @property
    def line_total(self) -> Ints:
        """What each line costs."""
        return self.quantity * self.unit_price - self.discount + self.tax

    def columns(self, products: Products) -> dict[str, object]:
        """The columns that web and till lines share."""
        return {
            "line_no": self.line_no,
            "product_no": self.product + 1,
            "sku": pick([*products.skus], self.product),
            "title": pick([*products.titles], self.product),
            "quantity": self.quantity,
            "unit_price_minor": self.unit_price,
            "discount_minor": self.discount,
            "tax_minor": self.tax,
            "is_gift_card": False,
        }


def make_baskets(
    rng: np.random.Generator,
    products: Products,
    at: Ints,
    currency: Ints,
    tax_per_mille: Ints,
    coupon_share: float,
    *,
    is_till: bool = False,
) -> Baskets:
    """One basket per moment of ``at``, in its currency (index), with the tax rate of its place."""
    count = currency.size
    lines = np.minimum(rng.geometric(0.55, count), 6)
    order = np.repeat(np.arange(count), lines)
    cumulative = np.cumsum(products.popularity)
    product = np.searchsorted(cumulative, rng.random(order.size) * cumulative[-1], side="right")
    product = np.minimum(product, cumulative.size - 1).astype(np.int64)
    product = products.on_sale(product, at[order])
    quantity = np.minimum(rng.geometric(0.85, order.size), 4)
    coupon = np.where(rng.random(count) < coupon_share, rng.integers(0, len(COUPONS), count), -1)
    percent = np.where(coupon >= 0, PERCENT[coupon], 0)
    prices = products.till_prices if is_till else products.prices
    price = prices[product, currency[order]]
    discount = quantity * price * percent[order] // 100
    net = quantity * price - discount
    tax = (net * tax_per_mille[order] + 500) // 1000
    return assemble(order, product, quantity, price, discount, tax, coupon)


def assemble(
    order: Ints, product: Ints, quantity: Ints, price: Ints, discount: Ints, tax: Ints, coupon: Ints
) -> Baskets:
    """Number the lines and sum them; ``order`` is sorted and every order has a line."""
    starts = np.searchsorted(order, np.arange(coupon.size))

    def per_order(values: Ints) -> Ints:
        if not order.size:
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(values, starts).astype(np.int64)

    return Baskets(
        order=order,
        line_no=np.arange(order.size) - starts[order] + 1,
        product=product,
        quantity=quantity,
        unit_price=price,
        discount=discount,
        tax=tax,
        subtotal=per_order(quantity * price),
        order_discount=per_order(discount),
        order_tax=per_order(tax),
        coupon=coupon,
    )


def returned(rng: np.random.Generator, baskets: Baskets, orders: Ints) -> Baskets:
    """The baskets that come back of some orders: half of them whole, else their first line."""
    whole = np.zeros(baskets.coupon.size, dtype=bool)
    whole[orders] = rng.random(orders.size) < 0.5
    rank = np.full(baskets.coupon.size, -1)
    rank[orders] = np.arange(orders.size)
    back = np.flatnonzero(
        (rank[baskets.order] >= 0) & (whole[baskets.order] | (baskets.line_no == 1))
    )
    back = back[np.argsort(rank[baskets.order[back]], kind="stable")]
    return assemble(
        rank[baskets.order[back]],
        baskets.product[back],
        baskets.quantity[back],
        baskets.unit_price[back],
        baskets.discount[back],
        baskets.tax[back],
        np.full(orders.size, -1),
    )

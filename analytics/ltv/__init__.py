"""What customers will buy, from what they bought: BG/NBD and Gamma-Gamma by maximum likelihood.

Pure NumPy and SciPy over arrays: who the customers are it does not know. ``docs/ltv.md`` says what
the models mean and when there is no prediction.
"""

from analytics.errors import InputError
from analytics.ltv.histories import Histories
from analytics.ltv.purchases import Purchases, fit_purchases
from analytics.ltv.spend import Spend, fit_spend

__all__ = ["Histories", "InputError", "Purchases", "Spend", "fit_purchases", "fit_spend"]

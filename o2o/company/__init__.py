"""What is a company's own, apart from the product: where it lies and what it says.

``O2O_COMPANY`` names a folder (by default ``company`` beside ``O2O_HOME``) with a ``company.yml``;
without a folder the defaults that ship hold. A variable that says the same thing wins.
"""

from o2o.company.effective import Company, Contact, load
from o2o.company.reading import CompanyError

__all__ = ["Company", "CompanyError", "Contact", "load"]

"""Connectors fetch what a vendor's API reports and land it verbatim. They compute nothing."""

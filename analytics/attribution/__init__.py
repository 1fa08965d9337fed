"""Attribution as a library: journeys in, credit by channel out. Pure NumPy, SciPy and Arrow.

It knows no warehouse: ``o2o attribute`` and the build hand it journeys, and ``docs/attribution.md``
says what each model means.
"""

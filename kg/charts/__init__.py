"""The charts of a plan as SVG files: the public names.

    charts/{code}/{slug}/{year}/{goals,balance,units}-{ja,en}-{wide,narrow}.svg
    charts/{code}/{slug}/{year}/charts.json     sizes and texts, for the pages

Same plan, same bytes, whatever fonts the machine has.
"""

from kg.charts.files import write_charts

__all__ = ["write_charts"]

"""``python -m benchmarks.linkage_cost FILE``: what linking costs here and with Splink's own model.

FILE is Splink's ``historical_figures_with_errors_50k.parquet`` (repository
``moj-analytical-services/splink_datasets``). The other side is the model that Splink documents for
it (``docs/demos/examples/duckdb/deduplicate_50k_synthetic``), without its charts. Both by turns,
each in a process of its own.
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analytics.linkage.fields import recognise
from analytics.linkage.link import link
from benchmarks.linkage import scores
from benchmarks.linkage_sets import historical

SIDES = ("here", "splink")


def here(file: Path) -> tuple[pa.Table, int]:
    """As ``o2o link --field postcode_fake=postcode`` does."""
    records = pq.read_table(file)
    fields = recognise(records.column_names, {"postcode_fake": "postcode"})
    linked = link(records, fields, "dedupe", id_column="unique_id")
    return linked.clusters, linked.compared


def splink(file: Path) -> tuple[pa.Table, int]:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name",
                "surname",
                forename_surname_concat_col_name="first_name_surname_concat",
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        retain_intermediate_calculation_columns=True,
    )
    records = api.duckdb_con.from_arrow(pq.read_table(file)).project(
        "*, first_name || ' ' || surname as first_name_surname_concat"
    )
    linker = Linker(api.register(records), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    predicted = linker.inference.predict()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predicted, threshold_match_probability=0.95
    )
    found = clusters.as_duckdbpyrelation().project("unique_id, cluster_id").to_arrow_table()
    return found, predicted.as_duckdbpyrelation().shape[0]


def measure(side: str, file: Path) -> dict[str, Any]:
    """Of this process: what one side finds, and what it has taken."""
    clusters, compared = {"here": here, "splink": splink}[side](file)
    used = resource.getrusage(resource.RUSAGE_SELF)
    precision, recall, f1, _ = scores(historical(file), clusters)
    return {
        "cpu": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
        "compared": compared,
        "quality": f"{precision:.4f} / {recall:.4f} / {f1:.4f}",
    }


def main(
    file: Path,
    turns: Annotated[int, typer.Option(help="How often each is run.")] = 3,
    side: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    if side:
        print(json.dumps(measure(side, file)))
        return
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SIDES}
    for _ in range(turns):
        for name, runs in found.items():
            command = [sys.executable, "-m", "benchmarks.linkage_cost", str(file), "--side", name]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            runs.append(json.loads(told.splitlines()[-1]))
    table = Table("", box=SIMPLE_HEAD, title=f"Medians of {turns} turns")
    for heading in ("CPU s", "peak MB", "compared", "P / R / F1 of clusters"):
        table.add_column(heading, justify="right")
    for name, runs in found.items():
        cpu, memory = (median(run[key] for run in runs) for key in ("cpu", "memory"))
        last = runs[-1]
        table.add_row(
            name, f"{cpu:.1f}", f"{memory:,.0f}", f"{last['compared']:,}", last["quality"]
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)

"""``o2o``: the warehouse from the command line. Each command stands in ``o2o/commands/``."""

from __future__ import annotations

import typer

from o2o.commands import (
    alerts,
    attribute,
    check,
    config,
    dictionary,
    erase,
    files,
    landing,
    lift,
    link,
    metrics,
    person,
    quarantine,
    sources,
    steps,
    stores,
)

app = typer.Typer(
    help="The online-to-offline warehouse: fetch, build, audit, publish.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)
app.command(name="sources")(sources.sources)
app.command(name="extract")(sources.extract_command)
app.command(name="check")(check.command)
app.command(name="status")(sources.status)
app.command(name="experiments")(steps.experiments_command)
app.command(name="build")(steps.build_command)
app.command(name="audit")(steps.audit_command)
app.command(name="publish")(steps.publish_command)
app.command(name="pull")(steps.pull_command)
app.command(name="person")(person.command)
app.command(name="erase")(erase.command)
app.command(name="link", help=link.HELP)(link.command)
app.add_typer(alerts.app, name="alerts")
app.add_typer(config.app, name="config")
app.add_typer(dictionary.app, name="dictionary")
app.add_typer(files.app, name="files")
app.add_typer(landing.app, name="landing")
app.add_typer(metrics.app, name="metrics")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(stores.app, name="stores")
app.command(name="attribute")(attribute.command)
app.command(name="lift")(lift.lift_command)
app.command(name="lift-design")(lift.design_command)
app.command(name="ab")(lift.ab_command)


if __name__ == "__main__":
    app()

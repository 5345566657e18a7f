"""The command `sdgplan`: exceptions become exit codes, heavy modules load inside commands.

Exit codes: 0 fine, 1 problems in a plan or query, 2 wrong use, 3 our fault.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kg.errors import (
    EXIT_FINE,
    EXIT_OUR_FAULT,
    EXIT_PROBLEMS,
    Problem,
    SdgplanError,
    summary_line,
)
from kg.program import VERSION

FORMATS = ("table", "csv", "tsv", "json", "xml", "ttl", "nt", "rdf", "jsonld")
VALIDATORS = ("auto", "pyshacl", "shacl")


class _Commands(click.Group):
    """A group whose commands end with the exit code of the exception they raise."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SdgplanError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except BrokenPipeError:
            # the reader of our output has gone; not a fault, and no traceback into a pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(EXIT_FINE)
        except Exception as error:
            if os.environ.get("SDGPLAN_TRACEBACK"):
                raise
            click.echo(
                f"This is a fault of sdgplan, not of your data: {type(error).__name__}: {error}. "
                "Set SDGPLAN_TRACEBACK=1 to see where, and report it.",
                err=True,
            )
            ctx.exit(EXIT_OUR_FAULT)


def _var_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--out",
        "var",
        type=click.Path(path_type=Path),
        default=Path("var"),
        show_default=True,
        help="Folder of the releases.",
    )(command)


def _code_and_document(
    context: click.Context, parameter: click.Parameter, value: tuple[Path, ...]
) -> tuple[str, Path]:
    """The two arguments of `new`: the code, empty if it is not given, and an existing file."""
    *code, document = value
    if len(code) > 1:
        raise click.UsageError("Expected a document, or a code and a document.", context)
    if not document.is_file():
        raise click.UsageError(f"There is no file {document}.", context)
    return str(code[0]) if code else "", document


def _with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command the settings of the working folder and environment as first argument."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        from kg.settings import Settings

        return command(Settings.from_environment(), *args, **kwargs)

    return wrapped


@click.group(cls=_Commands)
@click.version_option(VERSION, prog_name="sdgplan")
def main() -> None:
    """From municipal SDG plan documents to linked open data, and its SPARQL endpoint."""


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--validator", type=click.Choice(VALIDATORS), default="auto", show_default=True)
@click.option("--brief", is_flag=True, help="Print totals only, not every project.")
@_with_settings
def check(settings: Any, paths: tuple[Path, ...], validator: str, brief: bool) -> None:
    """Extract and validate plan folders (or a document beside a plan.toml); write nothing.

    Prints what was read, every problem, and one line per kind of warning.
    """
    from kg.checking import check_plan
    from kg.earlier_year import notes_on_year_before
    from kg.overview import overview

    problems: list[Problem] = []
    for path in paths:
        folder = path if path.is_dir() else path.parent
        checked = check_plan(folder, settings, "pyshacl" if validator == "auto" else validator)
        click.echo(overview(checked, brief=brief or bool(checked.problems)))
        for note in () if checked.problems else notes_on_year_before(checked, settings):
            click.echo(note)
        problems += checked.problems
    _tell(problems, "These plans would not be published.")
    if problems:
        raise click.exceptions.Exit(EXIT_PROBLEMS)


@main.command()
@click.argument(
    "given",
    metavar="[CODE] DOCUMENT",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    callback=_code_and_document,
)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The new folder; default: named like the document, beside it.",
)
@_with_settings
def new(settings: Any, given: tuple[str, Path], folder: Path | None) -> None:
    """Propose a plan folder for a document: a copy of it, and a plan.toml to be completed.

    CODE is the 6-digit code of the municipality; its name is filled in from the list of codes.
    Prints what was recognised and what a person must settle. Nothing is overwritten.
    """
    from datetime import datetime

    from kg.proposal.command import propose, write
    from kg.proposal.told import told

    code, document = given
    proposal = propose(document, settings, code)
    file = write(proposal, folder or document.with_suffix(""), datetime.now().astimezone().date())
    click.echo(told(proposal, file))
    _tell(
        list(proposal.problems), "These are to be mended in the document or settled in plan.toml."
    )
    if proposal.problems:
        raise click.exceptions.Exit(EXIT_PROBLEMS)


@main.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Folder with plans/.",
)
@_var_option
@click.option("--only", default="*", metavar="GLOB", help="Build only plan folders of such names.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    help="Plans built at the same time; default: one per core.",
)
@click.option("--strict", is_flag=True, help="One refused plan means no new release.")
@click.option("--validator", type=click.Choice(VALIDATORS), default="auto", show_default=True)
@click.option("--withdraw", multiple=True, metavar="NAME", help="A published plan may be gone.")
@_with_settings
def build(settings: Any, data: Path, var: Path, **given: Any) -> None:
    """Build all plans into a new release and switch to it."""
    from datetime import UTC, datetime

    from kg.overview import closing_table
    from kg.pipeline import Options, plan_folders
    from kg.pipeline import build as build_release

    names = [folder.name for folder in plan_folders(data)]
    with click.progressbar(
        length=len(names), label="plans", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        outcome = build_release(
            data, var, settings, datetime.now(UTC), Options(**given), lambda name: bar.update(1)
        )
    _tell(outcome.problems, "These plans were not published.")
    click.echo(closing_table(outcome))
    if outcome.refused:
        raise click.exceptions.Exit(EXIT_PROBLEMS)


def _tell(problems: list[Problem], consequence: str) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        click.echo(f"{summary_line(problems)} {consequence}", err=True)


@main.command()
@_var_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(0), help="Query worker processes.")
@_with_settings
def serve(settings: Any, var: Path, host: str, port: int, workers: int | None) -> None:
    """Serve the current release."""
    import dataclasses
    import importlib

    if workers is not None:
        settings = dataclasses.replace(settings, query_workers=workers)
    if settings.public_url == type(settings)().public_url:
        # nobody named an address, so the links name the one that is listened on
        settings = dataclasses.replace(settings, public_url=f"http://localhost:{port}/")
    # by name: kg never imports server
    importlib.import_module("server.run").serve(settings, var, host, port)


@main.command()
@click.argument("query")
@_var_option
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: table or ttl.")
@click.option("--endpoint", metavar="URL", help="Ask this endpoint, not the current release.")
@_with_settings
def query(settings: Any, query: str, var: Path, form: str | None, endpoint: str | None) -> None:
    """Run a SPARQL query (a text, or the name of a file) on the current release."""
    from kg.ask import ask, query_text

    click.echo(ask(query_text(query), var, settings, form, endpoint), nl=False)


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@_var_option
def export(folder: Path, var: Path) -> None:
    """Write all plans of the current release into DIR: CSV tables with metadata, and Turtle.

    DIR may be new, empty, or an earlier export, which is replaced.
    """
    from kg.export import export as export_release
    from kg.release import current_release

    for name, rows in export_release(current_release(var), folder).items():
        click.echo(f"{folder / name}.csv  {rows} rows")
    click.echo(f"{folder}/all.ttl")


@main.command()
@click.argument("plan", metavar="PLAN", type=click.Path(exists=True, path_type=Path))
@click.option("--agent", metavar="ID", help="Who decides; asked for if it is not given.")
@click.option("--facts", is_flag=True, help="Decide about units and merged projects instead.")
@click.option("--export", type=click.Path(path_type=Path), help="Write a table for Excel instead.")
@click.option(
    "--import", "read", type=click.Path(path_type=Path), help="Read such a table back, filled in."
)
@click.option(
    "--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Day of the decisions; default: today."
)
@click.option("--update-plan", is_flag=True, help="Raise version and modified in plan.toml too.")
@_var_option
@_with_settings
def curate(settings: Any, plan: Path, var: Path, day: Any, update_plan: bool, **given: Any) -> None:
    """Decide which goals the projects of a plan folder serve; written to its links.csv.

    Asks project by project, with the candidates, their probabilities and the words that speak
    for them. Every answer is checked against the published totals and written at once.
    """
    from datetime import datetime

    from kg.curation.command import curate as curate_plan

    today = datetime.now().astimezone().date()
    folder = plan if plan.is_dir() else plan.parent
    decided = day.date() if day else None
    curate_plan(folder, settings, decided, today, var, updates_plan=update_plan, **given)


@main.command()
@click.argument("endpoint", metavar="ENDPOINT")
@click.option("--graph-store", metavar="URL", help="Write here, by the Graph Store Protocol.")
@click.option("--update", metavar="URL", help="Write here, by SPARQL Update.")
@click.option("--check", is_flag=True, help="Compare every graph, and write nothing.")
@click.option("--timeout", type=click.IntRange(1), default=300, show_default=True,
              help="Longest time of one request, in seconds.")  # fmt: skip
@_var_option
@_with_settings
def push(settings: Any, endpoint: str, var: Path, **given: Any) -> None:
    """Load the current release into a remote SPARQL 1.1 store, whose queries go to ENDPOINT.

    Only graphs that changed are written; each is read back and compared. A push that broke off
    goes on where it stopped. User name and password: SDGPLAN_STORE_USER, SDGPLAN_STORE_PASSWORD.
    """
    from datetime import UTC, datetime

    from kg.push_command import push as push_release

    push_release(settings, endpoint, var, datetime.now(UTC), **given)


@main.command()
@_var_option
def releases(var: Path) -> None:
    """List the kept releases; the one that is served has a star."""
    from kg.release import current_release
    from kg.release import releases as kept_releases

    current = current_release(var)
    for release in kept_releases(var):
        plans = [e for e in release.manifest["plans"] if e["status"] != "withdrawn"]
        star = "*" if release.id == current.id else " "
        projects = sum(entry["projects"] for entry in plans)
        click.echo(
            f"{star} {release.id}  {len(plans)} plans, {projects} projects, "
            f"{release.manifest['quads']} quads"
        )


@main.command()
@click.argument("release_id", metavar="ID")
@_var_option
def rollback(release_id: str, var: Path) -> None:
    """Serve an earlier release again."""
    from datetime import UTC, datetime

    from kg.disk import locked
    from kg.events import note_switch
    from kg.release import rollback as switch_back

    release = switch_back(var, release_id)
    with locked(var):
        note_switch(var, release, datetime.now(UTC))
    click.echo(f"Now served: {release.id}")

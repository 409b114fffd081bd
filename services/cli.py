"""`orestream`: the services in one process or alone, one-shot screening, replay, checks."""

import typer

main = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

"""The commands `quarterdeck slack`: what an app of Slack's is made from."""

from typing import Annotated

import typer

slack = typer.Typer(help="The app on Slack.", no_args_is_help=True)


@slack.command("manifest")
def slack_manifest(
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="By HTTP: what Slack calls, as in https://HOST/slack/events. By Socket Mode none.",
        ),
    ] = None,
) -> None:
    """Print the manifest of an app: api.slack.com/apps, Create New App, From a manifest."""
    from chatops.adapters.slack.manifest import as_yaml, manifest

    if url is not None and not (url.startswith("https://") and url.removeprefix("https://").partition("/")[2]):
        raise typer.BadParameter("Slack calls https alone, and a path: as in https://HOST/slack/events")
    typer.echo(as_yaml(manifest(url)), nl=False)

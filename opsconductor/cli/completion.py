"""`opsconductor completion`: completion of commands and options in shells."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes commands and options.

    \b
    Examples:
      opsconductor completion bash > /etc/bash_completion.d/opsconductor
      opsconductor completion zsh > "${fpath[1]}/_opsconductor"
      opsconductor completion fish > ~/.config/fish/completions/opsconductor.fish
    """  # noqa: D301 - click needs the character itself
    found = get_completion_class(shell)
    assert found is not None
    root = context.find_root().command
    script = found(root, {}, "opsconductor", "_OPSCONDUCTOR_COMPLETE").source()
    # click separates kind and text by a comma; descriptions have commas of their own
    click.echo(script.replace('string split "," $completion', 'string split -m 1 "," $completion'))

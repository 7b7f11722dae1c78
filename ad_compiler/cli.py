"""`adc`: the compiler from a terminal.

    $ adc show-grad examples/polynomial.py:f
    $ adc show-grad mypackage.model:loss --argnames w,b --args "w=np.ones((3, 2)), b=np.ones(2), x=np.ones((8, 3))"

What goes wrong on the user's side is said in one line on stderr, and the exit code is 2.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from ad_compiler import cli_args, cli_show
from ad_compiler._version import __version__
from ad_compiler.api import grad, value_and_grad
from ad_compiler.errors import ADCompilerError

EXAMPLES = """\b
Examples:
  adc show-grad examples/polynomial.py:f
  adc show-grad mypackage.model:loss --argnums 0,1 --args "w=np.ones(3), b=0.0, x=np.ones((8, 3))"
  adc show-grad mypackage.model:Model.loss --args "self=Model(), w=np.ones(3)" -o loss_grad.py
"""


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True, epilog=EXAMPLES)
@click.version_option(__version__, "--version", message="adc %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Reads a NumPy function, writes its gradient as Python."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command("show-grad", epilog=EXAMPLES)
@click.argument("target")
@click.option("--argnums", metavar="N[,N…]", help="Differentiate with respect to these arguments (default 0; of a "
              "method that is named on its class 1, the first after self).")
@click.option("--argnames", metavar="NAME[,NAME…]", help="The same, by name.")
@click.option("--has-aux", is_flag=True, help="The function returns (value, aux); only value is differentiated.")
@click.option("--args", "call", metavar="ARGUMENTS", help="Arguments of a typical call, as Python: the gradient is "
              "written for these kinds (scalar or array, rank, dtype). It is evaluated, with the module's names, np "
              "and math at hand; the function is not run.")
@click.option("--value", is_flag=True, help="Return the value too, as value_and_grad does.")
@click.option("--order", type=click.IntRange(1, 9), default=1, help="2 for the gradient of the gradient, and so on.")
@click.option("--memory", metavar="SIZE", help="So much may be kept of loops, as 200MB; the rest is computed again.")
@click.option("--no-color", is_flag=True, help="No colours, even in a terminal.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the terminal.")
def show_grad(target: str, argnums: str | None, argnames: str | None, has_aux: bool, call: str | None,
              value: bool, order: int, memory: str | None, no_color: bool, output: str | None) -> None:
    """Print the gradient of TARGET: module:function, path/to/file.py:function, or module:Class.method.

    Without --args, kinds are taken from annotations and defaults; where these do not tell them, the general
    form is printed.
    """
    func = cli_args.find_function(target)
    if hasattr(func, "source_for") and hasattr(func, "source_general"):
        if argnums or argnames or has_aux or value or memory or order > 1:
            raise click.UsageError(f"{target!r} is a gradient already: no option can change which")
        derivative = func
    else:
        derivative = _derivative(func, argnums, argnames, has_aux, value, order, memory)
    _print(_source(derivative, call), output, no_color)


KINDS = ("vmap", "jvp", "vjp", "hvp", "jacfwd", "jacrev", "jacobian", "hessian")


@cli.command("show", epilog="""\b
Examples:
  adc show vmap model.py:predict --in-dims None,0 --args "w=np.ones(3), x=np.ones((8, 3))"
  adc show jvp model.py:predict --args "w=np.ones(3), x=np.ones(3)"
  adc show hessian examples/polynomial.py:f --args "x=np.ones(4)"
""")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("target")
@click.option("--argnums", metavar="N[,N…]", help="Jacobians and Hessians: by these arguments (default 0; of a method "
              "that is named on its class 1).")
@click.option("--in-dims", "in_dims", metavar="DIMS", help="vmap: along which axis of each argument the samples stand, "
              "as Python: 0, or (None, 0).")
@click.option("--out-dims", "out_dims", metavar="DIMS", help="vmap: the same of what is returned.")
@click.option("--has-aux", is_flag=True, help="The function returns (output, aux).")
@click.option("--args", "call", metavar="ARGUMENTS", help="Arguments of a typical call, as for show-grad; of vmap "
              "a batch.")
@click.option("--no-color", is_flag=True, help="No colours, even in a terminal.")
@click.option("-o", "--output", metavar="FILE", help="Write to a file instead of the terminal.")
def show(kind: str, target: str, argnums: str | None, in_dims: str | None, out_dims: str | None, has_aux: bool,
         call: str | None, no_color: bool, output: str | None) -> None:
    """Print what another transform makes of TARGET, a function as for show-grad."""
    func = cli_args.find_function(target)
    for name, given, of in (("--argnums", argnums, KINDS[4:]), ("--in-dims", in_dims, KINDS[:1]),
                            ("--out-dims", out_dims, KINDS[:1])):
        if given is not None and kind not in of:
            raise click.UsageError(f"{name} is an option of {', '.join(of)}")
    numbers = int(cli_args.is_unbound_method(func)) if argnums is None else cli_args.parse_argnums(argnums)
    if kind in KINDS[4:]:
        cli_args.check_choice(func, argnums=numbers)
    into, out = (cli_args.parse_dims(text, name) if text is not None else 0
                 for name, text in (("--in-dims", in_dims), ("--out-dims", out_dims)))
    try:
        text = cli_show.text_of(kind, func, numbers, has_aux, into, out, _arguments(func, call))
    except (TypeError, ValueError) as error:
        if isinstance(error, ADCompilerError):
            raise
        raise click.UsageError(str(error)) from error
    _print(text, output, no_color)


def _arguments(func: Any, call: str | None) -> list[Any]:
    """The arguments of the call that is given, or that the signature tells of."""
    func = inspect.unwrap(func)
    if call is not None:
        return list(cli_args.bind(func, *cli_args.parse_call(call, cli_args.names_of(func))).args)
    guessed, missing = cli_args.call_from_signature(func)
    if guessed is None:
        raise click.UsageError(f"nothing tells the kind of {', '.join(missing)}: say it with --args")
    words = ", ".join(f"{name}={value!r}" for name, value in guessed.arguments.items())
    _note(f"written for kinds as in {func.__name__}({words}); --args tells others")
    return list(guessed.args)


def _derivative(func: Callable[..., Any], argnums: str | None, argnames: str | None, has_aux: bool, value: bool,
                order: int, memory: str | None) -> Any:
    if argnums is not None and argnames is not None:
        raise click.UsageError("--argnums and --argnames exclude each other")
    chosen: dict[str, Any] = {}
    if argnames is not None:
        chosen["argnames"] = cli_args.parse_argnames(argnames)
    elif argnums is not None:
        chosen["argnums"] = cli_args.parse_argnums(argnums)
    else:
        chosen["argnums"] = int(cli_args.is_unbound_method(func))
    cli_args.check_choice(func, **chosen)
    if memory is not None:
        chosen["memory"] = memory
    if order > 1 and isinstance(chosen.get("argnames", chosen.get("argnums")), tuple):
        raise click.UsageError(f"--order {order} needs one argument to differentiate with respect to")
    derivative: Any = func
    for step in range(order):
        transform = value_and_grad if value and step == order - 1 else grad
        try:
            derivative = transform(derivative, has_aux=has_aux, **chosen)
        except (TypeError, ValueError) as error:
            if isinstance(error, ADCompilerError):
                raise
            raise click.UsageError(str(error)) from error
    return derivative


def _source(derivative: Any, call: str | None) -> str:
    """The text for the call that is given, or that the signature tells of, or for no call at all."""
    func = inspect.unwrap(derivative)
    if call is not None:
        bound = cli_args.bind(func, *cli_args.parse_call(call, cli_args.names_of(func)))
        return str(derivative.source_for(*bound.args, **bound.kwargs))
    guessed, missing = cli_args.call_from_signature(func)
    if guessed is None:
        _note(f"nothing tells the kind of {', '.join(missing)}: this is the general form; --args tells kinds")
        return str(derivative.source_general())
    words = ", ".join(f"{name}={value!r}" for name, value in guessed.arguments.items())
    _note(f"written for kinds as in {func.__name__}({words}); --args tells others")
    return str(derivative.source_for(*guessed.args, **guessed.kwargs))


def _note(text: str) -> None:
    with contextlib.suppress(OSError):      # nobody can read it
        click.echo(f"adc: {text}", err=True)


def _print(source: str, output: str | None, no_color: bool) -> None:
    source = source.rstrip("\n") + "\n"
    if output is not None:
        try:
            Path(output).write_text(source, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"cannot write {output!r}: {error.strerror}") from error
        return
    from rich.console import Console
    from rich.syntax import Syntax

    console = Console()
    if no_color or not console.is_terminal:
        click.echo(source, nl=False)
        return
    text = Syntax("", "python", theme="ansi_dark", background_color="default").highlight(source)
    console.print(text, soft_wrap=True, end="")     # long lines as they are, for copying


def main(argv: Sequence[str] | None = None) -> int:
    """Run `adc` and return its exit code."""
    try:
        cli.main(args=argv, prog_name="adc", standalone_mode=False)
        if sys.stdout is not None:      # it is None where the shell has closed it
            sys.stdout.flush()
    except click.ClickException as error:
        _note(error.format_message().replace("\n", " "))
        return 2
    except ADCompilerError as error:
        _note(str(error))
        return 2
    except click.Abort:
        _note("interrupted")
        return 130
    except BrokenPipeError:
        # The reader has gone, as `head` does: nothing more can be written, not even at exit.
        _write_no_more()
        return 1
    except OSError as error:
        _write_no_more()
        _note(f"{error.strerror or error}: what was asked for cannot be read or written")
        return 2
    return 0


def _write_no_more() -> None:
    """What is left to be written goes nowhere, at exit too."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

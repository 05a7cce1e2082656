"""The arguments of the command line, command by command."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

import mmsenti

__all__ = ["MODALITIES", "build_parser"]

MODALITIES = ("text", "image", "audio")
_STRATEGIES = ("feature", "voting", "stacking", "hybrid")
_TABLES = ".csv, .tsv, .jsonl or .parquet"


class _Parser(argparse.ArgumentParser):
    """Argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see: {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """Describe all commands.

    Returns
    -------
    ArgumentParser
        Whose result has the name of the command as ``command``.
    """
    parser = _Parser(prog="mmsenti", description=mmsenti.__doc__.partition("\n")[0])
    parser.add_argument("--version", action="version", version=f"mmsenti {mmsenti.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for add in (
        _add_demo,
        _add_fit,
        _add_predict,
        _add_compare,
        _add_explain,
        _add_freeze,
        _add_extract,
        _add_store,
    ):
        add(commands)
    return parser


def _add_demo(commands: Any) -> None:
    command = _command(commands, "demo", "make a corpus, compare strategies, fit, predict")
    command.add_argument("-o", "--output", default="mmsenti-demo", metavar="FOLDER")
    command.add_argument(
        "--rows", type=_at_least(60), default=300, metavar="N", help="posts to make"
    )


def _add_fit(commands: Any) -> None:
    command = _command(commands, "fit", "fit a model on the rows of a manifest")
    command.add_argument("manifest", metavar="MANIFEST", help=_TABLES)
    _add_labels(command)
    command.add_argument("--strategy", choices=_STRATEGIES, default="feature")
    command.add_argument(
        "--folds", type=_at_least(2), metavar="N", help="also score by N-fold cross-validation"
    )
    _add_reading(command, "raise, or missing with --errors")
    _add_work(command)
    command.add_argument("-o", "--output", required=True, metavar="MODEL")


def _add_predict(commands: Any) -> None:
    command = _command(commands, "predict", "predict with a fitted model")
    command.add_argument("model", metavar="MODEL", help="saved by fit, or frozen")
    command.add_argument("manifest", metavar="MANIFEST", nargs="?")
    for name in MODALITIES:
        what = "a text" if name == "text" else "a file"
        command.add_argument(f"--{name}", metavar="X", help=f"{what}, or the column of MANIFEST")
    _add_reading(command, "as the model was fitted, or missing with --errors")
    command.add_argument("-o", "--output", metavar="OUT.csv", help="default: standard output")


def _add_compare(commands: Any) -> None:
    command = _command(commands, "compare", "compare modalities and strategies, beside controls")
    command.add_argument("manifest", metavar="MANIFEST", help=_TABLES)
    _add_labels(command)
    command.add_argument(
        "--strategies",
        nargs="+",
        choices=_STRATEGIES,
        metavar="S",
        help=f"out of {', '.join(_STRATEGIES)}; default: all",
    )
    command.add_argument("--folds", type=_at_least(2), metavar="N", help="default: 5")
    command.add_argument(
        "--metric", metavar="M", help="what verdicts go by; default: macro_auc or pearson_r"
    )
    _add_reading(command, "raise, or missing with --errors")
    _add_work(command, "default: as many as there are cores")
    command.add_argument("--report", metavar="F.html", help="write a page with plots and samples")
    command.add_argument("--json", metavar="F.json", help="write the numbers")


def _add_explain(commands: Any) -> None:
    command = _command(commands, "explain", "say why a model predicts what it predicts")
    command.add_argument("model", metavar="MODEL", help="saved by fit")
    command.add_argument("manifest", metavar="MANIFEST")
    command.add_argument("--row", type=_at_least(0), required=True, metavar="N", help="from 0")
    command.add_argument("--label", metavar="CLASS", help="default: the predicted one")
    _add_columns(command)
    _add_reading(command, "as the model was fitted", listed=False)
    command.add_argument("--html", metavar="F.html", help="write a page instead")


def _add_freeze(commands: Any) -> None:
    command = _command(commands, "freeze", "write a model as numbers, to predict lightly")
    command.add_argument("model", metavar="MODEL", help="saved by fit")
    command.add_argument("-o", "--output", required=True, metavar="FROZEN")


def _add_extract(commands: Any) -> None:
    command = _command(commands, "extract", "write the features of a manifest to a file")
    command.add_argument("manifest", metavar="MANIFEST", help=_TABLES)
    _add_columns(command)
    _add_reading(command, "missing")
    _add_work(command)
    command.add_argument(
        "-o", "--output", required=True, metavar="OUT", help=".parquet, .csv or .npz"
    )


def _add_store(commands: Any) -> None:
    command = _command(commands, "store", "look into a feature store, or make it smaller")
    command.add_argument("action", choices=("info", "prune", "clear"))
    command.add_argument("path", metavar="PATH")
    command.add_argument(
        "--max-bytes", type=_at_least(2**18), metavar="N", help="for prune: what may stay"
    )


def _add_labels(command: argparse.ArgumentParser) -> None:
    command.add_argument("--label", required=True, metavar="COL", help="column to predict")
    _add_columns(command)
    command.add_argument(
        "--groups", metavar="COL", help="speaker or author, never split over folds"
    )
    command.add_argument(
        "--task", choices=("classification", "regression"), default="classification"
    )


def _add_reading(command: argparse.ArgumentParser, default: str, *, listed: bool = True) -> None:
    command.add_argument(
        "--on-error",
        choices=("raise", "missing"),
        help=f"stop at what cannot be read, or take it for missing; default: {default}",
    )
    if listed:
        command.add_argument(
            "--errors",
            metavar="F.csv",
            help="list what cannot be read: row, modality, path, reason",
        )
    command.add_argument(
        "--root", metavar="FOLDER", help="where files may lie; default: the manifest's folder"
    )


def _add_work(command: argparse.ArgumentParser, default: str = "default: 1") -> None:
    command.add_argument("--store", metavar="FILE", help="keep features for later runs in FILE")
    command.add_argument("--n-jobs", type=int, default=None, metavar="N", help=default)
    command.add_argument("--quiet", action="store_true", help="show no progress")


def _command(commands: Any, name: str, help: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")


def _add_columns(command: argparse.ArgumentParser) -> None:
    for name in MODALITIES:
        command.add_argument(f"--{name}", metavar="COL", help=f"default: the column {name}")


def _at_least(least: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {number}")
        return number

    convert.__name__ = "int"
    return convert

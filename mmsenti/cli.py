"""The command line: ``mmsenti demo | fit | predict | compare | explain | ...``.

Every command imports what it needs when it runs, so that help and wrong usage answer at once.
Wrong usage or input is one line on stderr and exit code 2; no output file is left half-written.
"""

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import mmsenti
from mmsenti._atomic import write_atomically

__all__ = ["main"]

_MODALITIES = ("text", "image", "audio")
_STRATEGIES = ("feature", "voting", "stacking", "hybrid")


class _Parser(argparse.ArgumentParser):
    """Argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see: {self.prog} --help)\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0, or 2 for wrong usage or input, or 130 when interrupted.
    """
    arguments = _parser().parse_args(argv)
    prog = f"mmsenti {arguments.command}"
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"{prog}: note: {message}")
            arguments.run(arguments)
            sys.stdout.flush()
    except (ValueError, TypeError, OSError, ImportError) as error:
        if isinstance(error, BrokenPipeError):
            # Whoever read the output has left; there is nobody to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        _say(f"{prog}: {error}")
        return 2
    except RuntimeError as error:
        from concurrent.futures import BrokenExecutor

        if not isinstance(error, BrokenExecutor):
            raise
        _say(f"{prog}: a worker process died; perhaps the memory was full. Use fewer --n-jobs.")
        return 2
    except KeyboardInterrupt:
        _say(f"{prog}: interrupted")
        return 130
    return 0


def _say(message: str) -> None:
    print(" ".join(str(message).split()), file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="mmsenti", description=mmsenti.__doc__.partition("\n")[0])
    parser.add_argument("--version", action="version", version=f"mmsenti {mmsenti.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = _command(commands, "demo", _demo, "make a corpus, compare strategies, fit, predict")
    demo.add_argument("-o", "--output", default="mmsenti-demo", metavar="FOLDER")
    demo.add_argument("--rows", type=_at_least(60), default=300, metavar="N", help="posts to make")

    fit = _command(commands, "fit", _fit, "fit a model on the rows of a manifest")
    fit.add_argument("manifest", metavar="MANIFEST", help=".csv, .tsv, .jsonl or .parquet")
    _add_labels(fit)
    fit.add_argument("--strategy", choices=_STRATEGIES, default="feature")
    fit.add_argument(
        "--folds", type=_at_least(2), metavar="N", help="also score by N-fold cross-validation"
    )
    _add_reading(fit, "raise, or missing with --errors")
    _add_work(fit)
    fit.add_argument("-o", "--output", required=True, metavar="MODEL")

    predict = _command(commands, "predict", _predict, "predict with a fitted model")
    predict.add_argument("model", metavar="MODEL", help="saved by fit, or frozen")
    predict.add_argument("manifest", metavar="MANIFEST", nargs="?")
    for name in _MODALITIES:
        what = "a text" if name == "text" else "a file"
        predict.add_argument(f"--{name}", metavar="X", help=f"{what}, or the column of MANIFEST")
    _add_reading(predict, "as the model was fitted, or missing with --errors")
    predict.add_argument("-o", "--output", metavar="OUT.csv", help="default: standard output")

    compare = _command(
        commands, "compare", _compare, "compare modalities and strategies, beside controls"
    )
    compare.add_argument("manifest", metavar="MANIFEST", help=".csv, .tsv, .jsonl or .parquet")
    _add_labels(compare)
    compare.add_argument(
        "--strategies",
        nargs="+",
        choices=_STRATEGIES,
        metavar="S",
        help=f"out of {', '.join(_STRATEGIES)}; default: all",
    )
    compare.add_argument("--folds", type=_at_least(2), metavar="N", help="default: 5")
    compare.add_argument(
        "--metric", metavar="M", help="what verdicts go by; default: macro_auc or pearson_r"
    )
    _add_reading(compare, "raise, or missing with --errors")
    _add_work(compare, "default: as many as there are cores")
    compare.add_argument("--report", metavar="F.html", help="write a page with plots and samples")
    compare.add_argument("--json", metavar="F.json", help="write the numbers")

    explain = _command(commands, "explain", _explain, "say why a model predicts what it predicts")
    explain.add_argument("model", metavar="MODEL", help="saved by fit")
    explain.add_argument("manifest", metavar="MANIFEST")
    explain.add_argument("--row", type=_at_least(0), required=True, metavar="N", help="from 0")
    explain.add_argument("--label", metavar="CLASS", help="default: the predicted one")
    _add_columns(explain)
    _add_reading(explain, "as the model was fitted", listed=False)
    explain.add_argument("--html", metavar="F.html", help="write a page instead")

    freeze = _command(commands, "freeze", _freeze, "write a model as numbers, to predict lightly")
    freeze.add_argument("model", metavar="MODEL", help="saved by fit")
    freeze.add_argument("-o", "--output", required=True, metavar="FROZEN")

    extract = _command(commands, "extract", _extract, "write the features of a manifest to a file")
    extract.add_argument("manifest", metavar="MANIFEST", help=".csv, .tsv, .jsonl or .parquet")
    _add_columns(extract)
    _add_reading(extract, "missing")
    _add_work(extract)
    extract.add_argument(
        "-o", "--output", required=True, metavar="OUT", help=".parquet, .csv or .npz"
    )

    store = _command(commands, "store", _store, "look into a feature store, or make it smaller")
    store.add_argument("action", choices=("info", "prune", "clear"))
    store.add_argument("path", metavar="PATH")
    store.add_argument(
        "--max-bytes", type=_at_least(2**18), metavar="N", help="for prune: what may stay"
    )
    return parser


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


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], None], help: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
    command.set_defaults(run=run)
    return command


def _add_columns(command: argparse.ArgumentParser) -> None:
    for name in _MODALITIES:
        command.add_argument(f"--{name}", metavar="COL", help=f"default: the column {name}")


def _at_least(least: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, got {number}")
        return number

    convert.__name__ = "int"
    return convert


def _demo(arguments: argparse.Namespace) -> None:
    from mmsenti._demo import run_demo

    run_demo(arguments.output, arguments.rows)


def _fit(arguments: argparse.Namespace) -> None:
    from mmsenti._fit_command import fit_manifest

    _check_outputs(arguments.output, arguments.errors)
    model = fit_manifest(arguments, _on_error(arguments) or "raise")
    _report_errors(arguments, model, print)


def _compare(arguments: argparse.Namespace) -> None:
    from mmsenti._compare_command import compare_manifest

    _check_outputs(arguments.report, arguments.json, arguments.errors)
    errors = compare_manifest(arguments, _on_error(arguments) or "raise")
    _list_errors(arguments, errors, print)


def _explain(arguments: argparse.Namespace) -> None:
    from mmsenti._explain_command import explain_row

    _check_outputs(arguments.html)
    model, columns = _load_model(arguments.model)
    if not hasattr(model, "fusion_"):
        raise ValueError(f"{arguments.model} is frozen; explain needs the model it was made of.")
    given = {n: getattr(arguments, n) for n in _MODALITIES if getattr(arguments, n) is not None}
    if _on_error(arguments) is not None:
        from mmsenti._error_report import read_on

        read_on(model, _on_error(arguments))
    table, _ = _load_samples(arguments.manifest, columns, given, arguments.root)
    explain_row(model, table, arguments.row, arguments.label, arguments.html)


def _freeze(arguments: argparse.Namespace) -> None:
    from mmsenti import freeze, load

    _check_output(arguments.output)
    freeze(load(arguments.model), arguments.output)
    size = os.path.getsize(arguments.output)
    print(f"Froze {arguments.model} to {arguments.output} ({size / 1e6:,.1f} MB).")


def _extract(arguments: argparse.Namespace) -> None:
    from mmsenti._extract import extract_manifest

    _check_outputs(arguments.output, arguments.errors)
    extract_manifest(
        arguments.manifest,
        arguments.output,
        columns={name: getattr(arguments, name) for name in _MODALITIES},
        store=arguments.store,
        root=arguments.root,
        errors=arguments.errors,
        on_error=_on_error(arguments) or "missing",
        n_jobs=arguments.n_jobs,
        verbose=not arguments.quiet,
    )


def _store(arguments: argparse.Namespace) -> None:
    from mmsenti._store_command import show_store, shrink_store

    if (arguments.max_bytes is not None) != (arguments.action == "prune"):
        raise ValueError("prune, and nothing else, needs --max-bytes.")
    if arguments.action == "info":
        show_store(arguments.path)
    else:
        shrink_store(arguments.path, arguments.max_bytes or 0)


def _predict(arguments: argparse.Namespace) -> None:
    given = {n: getattr(arguments, n) for n in _MODALITIES if getattr(arguments, n) is not None}
    if arguments.manifest is None and not given:
        raise ValueError("give a MANIFEST, or at least one of --text, --image and --audio.")
    for_tables = {"-o": arguments.output, "--errors": arguments.errors, "--root": arguments.root}
    for name, value in for_tables.items():
        if arguments.manifest is None and value is not None:
            raise ValueError(f"{name} needs a MANIFEST; one sample is printed as a line of JSON.")
    _check_outputs(arguments.output, arguments.errors)
    model, columns = _load_model(arguments.model)
    if _on_error(arguments) is not None:
        from mmsenti._error_report import read_on

        read_on(model, _on_error(arguments))
    if arguments.manifest is None:
        unknown = sorted(set(given) - set(columns))
        if unknown:
            raise ValueError(
                f"the model has no modality {unknown[0]!r}; it has {', '.join(columns)}."
            )
        _print_sample(model, {columns[name]: cell for name, cell in given.items()})
        return
    table, ids = _load_samples(arguments.manifest, columns, given, arguments.root)
    predictions = _tabulate(model, table, ids)
    if arguments.output is None:
        predictions.to_csv(sys.stdout, index=False)
    else:
        content = predictions.to_csv(index=False).encode("utf-8", "surrogatepass")
        write_atomically(arguments.output, content)
        print(f"Wrote {len(predictions)} predictions to {arguments.output}.")
    _report_errors(arguments, model, lambda line: print(line, file=sys.stderr))


def _load_model(path: str) -> tuple[Any, dict[str, Any]]:
    """Load a model of either kind, and tell the column of each of its modalities."""
    from mmsenti.frozen._file import is_frozen

    if is_frozen(path):
        from mmsenti import load_frozen

        frozen = load_frozen(path)
        return frozen, frozen.columns_
    from mmsenti import load

    model = load(path)
    if not hasattr(model, "modalities_"):
        raise ValueError(
            f"{path} holds a {type(model).__name__}, which knows no modalities; predict takes what "
            "mmsenti fit saves, and what mmsenti freeze makes of it."
        )
    return model, {name: column for name, _, column in model.modalities_}


def _print_sample(model: Any, sample: dict[str, str]) -> None:
    predicted = model.predict(sample)[0]
    answer: dict[str, Any] = {"prediction": getattr(predicted, "item", lambda: predicted)()}
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(sample)[0]
        answer["probabilities"] = {
            str(label): round(float(p), 6)
            for label, p in zip(model.classes_, probabilities, strict=True)
        }
    print(json.dumps(answer, ensure_ascii=False))


def _load_samples(
    path: str, columns: dict[str, Any], given: dict[str, str], root: str | None
) -> tuple[Any, Any]:
    """Read rows to predict, their modality columns under the names that the model knows."""
    from mmsenti import datasets

    present = datasets.load_manifest(path, label=False, text=False, image=False, audio=False)
    wanted = {name: given.get(name, columns.get(name)) for name in _MODALITIES}
    roles: dict[str, Any] = {
        name: column if column in present.columns or name in given else False
        for name, column in wanted.items()
    }
    if not any(column in present.columns for column in roles.values()):
        raise ValueError(
            f"{path} has none of the model's columns ({', '.join(map(str, columns.values()))}); it "
            f"has {', '.join(present.columns)}. Name them, as in --text COL."
        )
    table = datasets.load_manifest(path, label=False, root=root, **roles)
    renamed = {given[name]: columns[name] for name in given if name in columns}
    ids = table["id"] if "id" in table.columns else range(len(table))
    return table.rename(columns=renamed), ids


def _tabulate(model: Any, table: Any, ids: Any) -> Any:
    import pandas as pd

    out = pd.DataFrame({"id": list(ids), "prediction": model.predict(table)})
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(table)
        for i, label in enumerate(model.classes_):
            out[f"probability_{label}"] = probabilities[:, i]
    return out


def _on_error(arguments: argparse.Namespace) -> str | None:
    """Return what was asked for: a list of errors is of those that are no end."""
    return arguments.on_error or ("missing" if getattr(arguments, "errors", None) else None)


def _report_errors(arguments: argparse.Namespace, model: Any, say: Callable[[str], None]) -> None:
    """Count what could not be read by reason, and write the list of it where one is wanted."""
    from mmsenti._error_report import errors_of

    _list_errors(arguments, errors_of(model), say)


def _list_errors(
    arguments: argparse.Namespace, errors: Sequence[Any], say: Callable[[str], None]
) -> None:
    from mmsenti._error_report import count_by_reason, write_errors

    if errors:
        say(f"{len(errors)} cells could not be read and count as missing:")
    for line in count_by_reason(errors):
        say(line)
    if arguments.errors is not None:
        write_errors(arguments.errors, errors)


def _check_outputs(*paths: str | None) -> None:
    """Make sure, before any work is done, that each result will have a place."""
    for path in paths:
        if path is not None:
            _check_output(path)


def _check_output(path: str) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"no such folder: {folder}. Make it first.")
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a folder; give the name of a file in it.")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"the folder {folder} cannot be written to.")

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
from typing import Any

from mmsenti._arguments import MODALITIES, build_parser
from mmsenti._atomic import write_atomically

__all__ = ["main"]


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
    arguments = build_parser().parse_args(argv)
    prog = f"mmsenti {arguments.command}"
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _say(f"{prog}: note: {message}")
            _COMMANDS[arguments.command](arguments)
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
    given = {n: getattr(arguments, n) for n in MODALITIES if getattr(arguments, n) is not None}
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
        columns={name: getattr(arguments, name) for name in MODALITIES},
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
    given = {n: getattr(arguments, n) for n in MODALITIES if getattr(arguments, n) is not None}
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
    wanted = {name: given.get(name, columns.get(name)) for name in MODALITIES}
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


_COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "demo": _demo,
    "fit": _fit,
    "predict": _predict,
    "compare": _compare,
    "explain": _explain,
    "freeze": _freeze,
    "extract": _extract,
    "store": _store,
}

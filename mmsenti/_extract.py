"""The command `mmsenti extract`: a manifest's features into a file, in memory that stays flat."""

import contextlib
import os
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from mmsenti import FeatureStore, datasets
from mmsenti._error_report import Unread, count_by_reason, write_errors
from mmsenti._feature_files import check_ending, write_features
from mmsenti._missing import missing_mask
from mmsenti._rows import numbered
from mmsenti.streaming import iter_features

__all__ = ["extract_manifest"]

_CHUNK_ROWS = 1000
_PARTIAL_BYTES = 2**60  # what a stopped run has computed is never dropped


def extract_manifest(
    manifest: str,
    output: str,
    *,
    columns: dict[str, str | None],
    store: str | None = None,
    root: str | None = None,
    errors: str | None = None,
    on_error: str = "missing",
    n_jobs: int | None = None,
    verbose: int = 1,
) -> list[Unread]:
    """Write the handcrafted features of all rows of a manifest, and print what was read.

    Without a store of the user's, one beside the output (``OUTPUT.partial``) keeps what is
    computed until the output is complete: a run that was stopped goes on where it was.

    Parameters
    ----------
    manifest, output : str
    columns : dict of str to (str or None)
        Column of each modality; None is the column of the same name, if there is one.
    store : str, default=None
    root : str, default=None
        Folder that the files must lie in; None is the manifest's own.
    errors : str, default=None
        CSV file for what could not be read.
    on_error : {"raise", "missing"}, default="missing"
    n_jobs : int, default=None
    verbose : int, default=1

    Returns
    -------
    list of (int, str, str, str)
        Row, modality, path and reason of each cell that could not be read.
    """
    check_ending(output)
    started = time.perf_counter()
    table = datasets.load_manifest(manifest, label=False, root=root, **columns)
    options = {"on_error": on_error, "n_jobs": n_jobs}
    partial = f"{output}.partial"
    resumed = store is None and os.path.exists(partial)
    kept = FeatureStore(partial, max_bytes=_PARTIAL_BYTES) if store is None else store
    if resumed:
        print(f"Goes on with what {partial} has.")
    modalities = _extractors(table, columns, store=kept, **options)
    names = [
        f"{name}__{feature}"
        for name, extractor, _ in modalities
        for feature in extractor.get_feature_names_out()
    ]
    tally = _Tally(table, modalities)
    ids = table["id"] if "id" in table.columns else range(len(table))
    write_features(output, ids, names, tally.count(_chunks(table, modalities, verbose)))
    if store is None:
        _remove_store(kept)
    seconds = time.perf_counter() - started
    print(
        f"Wrote {len(table):,} rows of {len(names):,} features to {output} in {seconds:,.1f} s "
        f"({len(table) / seconds:,.0f} rows/s)."
    )
    tally.show()
    if errors is not None:
        write_errors(errors, tally.errors)
    return tally.errors


def _extractors(table: Any, columns: dict[str, str | None], **params: Any) -> list[Any]:
    from mmsenti.audio import AudioFeatures
    from mmsenti.image import ImageFeatures
    from mmsenti.text import TextFeatures

    kinds = {"text": TextFeatures, "image": ImageFeatures, "audio": AudioFeatures}
    found = [
        (name, kinds[name](**params), columns[name] or name)
        for name in kinds
        if columns[name] or name in table.columns
    ]
    if not found:
        raise ValueError(
            "the manifest has no column text, image or audio; name them, as in --text tweet."
        )
    return found


def _chunks(table: Any, modalities: list[Any], verbose: int) -> Iterator[np.ndarray]:
    chunks = iter_features(table, modalities, _CHUNK_ROWS, verbose=verbose)
    for start in range(0, len(table), _CHUNK_ROWS):
        with numbered(np.arange(start, min(start + _CHUNK_ROWS, len(table)))):
            chunk = next(chunks)
        yield chunk.to_numpy()
    next(chunks, None)  # lets it say that it is done


class _Tally:
    """What was read, missing and broken, by modality."""

    def __init__(self, table: Any, modalities: list[Any]) -> None:
        self._modalities = modalities
        self._n_rows = len(table)
        self._missing = {
            name: int(missing_mask(table[column]).sum()) for name, _, column in modalities
        }
        self.errors: list[Unread] = []

    def count(self, chunks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for chunk in chunks:
            found = [
                (row, name, *error)
                for name, extractor, _ in self._modalities
                for row, *error in getattr(extractor, "errors_", ())
            ]
            self.errors += sorted(found, key=lambda error: error[0])
            yield chunk

    def show(self) -> None:
        broken = Counter(name for _, name, *_ in self.errors)
        print(f"{'':<6}  {'read':>9}  {'missing':>9}  {'broken':>9}")
        for name, missing in self._missing.items():
            counts = (self._n_rows - missing - broken[name], missing, broken[name])
            print(f"{name:<6}" + "".join(f"  {n:>9,}" for n in counts))
        for line in count_by_reason(self.errors):
            print(line)


def _remove_store(store: FeatureStore) -> None:
    store.close()
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(store.path + ending)

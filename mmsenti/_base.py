"""Extractor: the scikit-learn transformer of one modality."""

import os
import warnings
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from typing import Any, Self

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import TransformerMixin
from sklearn.pipeline import _name_estimators
from sklearn.utils import gen_even_slices
from sklearn.utils.metaestimators import _BaseComposition
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_feature_names, _check_n_features

from mmsenti._column import as_cells
from mmsenti._descriptor import Descriptor, said_by_class
from mmsenti._missing import is_missing
from mmsenti._params import NamedParameters, Options, validate_params
from mmsenti._progress import Progress
from mmsenti._rows import Rows, cell_place, extract_rows, row_numbers, warn_of_remarks
from mmsenti._sample import Sample
from mmsenti._setting import descriptor_width, setting_digest
from mmsenti.store._compute_once import compute_once
from mmsenti.store._content import cell_key, content_digest, other_key
from mmsenti.store._family import family_store
from mmsenti.store._handle import StoreHandle, StoreWarning
from mmsenti.store._memory import MemoryLayer
from mmsenti.store._parameter import StoreParameter
from mmsenti.store._store import FeatureStore, shared_store

__all__ = ["Extractor", "name_descriptors"]

_CHUNK_ROWS = 25  # rows sent to a worker at once: small enough to keep memory flat
_BATCH_ROWS = 1000  # rows computed before they are put where they are kept
_SHARED_BATCH_ROWS = 100  # the same where other processes may wait for them
_memory = MemoryLayer()
_told: set[str] = set()  # settings without a fingerprint that a warning has named


def name_descriptors(descriptors: Sequence[Descriptor]) -> list[tuple[str, Descriptor]]:
    """Name descriptors as `make_union` names transformers: by class, in lower case."""
    return _name_estimators(descriptors)


class Extractor(StoreParameter, NamedParameters, TransformerMixin, _BaseComposition):
    """Base of the transformers that turn one column of samples into features.

    A subclass stores its parameters, among them `descriptors`, `on_error`, `n_jobs`, `store` and
    `verbose`, and defines `_standard_descriptors` and `_make_sample`. It learns nothing:
    `transform` works without `fit`. What a process has computed once, it remembers: over the folds
    of a search, a file is decoded once. With a store, that holds for all processes and runs.
    """

    _cells_are_text = False
    _parameter_constraints: dict[str, list[Any]] = {
        "descriptors": [list, None],
        "on_error": [Options({"raise", "missing"})],
        "n_jobs": [int, np.integer, None],
        "store": [str, os.PathLike, StoreHandle, None],
        "verbose": [int, np.integer, "boolean"],
    }

    @staticmethod
    def _standard_descriptors() -> list[Descriptor]:
        raise NotImplementedError

    def _make_sample(self, cell: Any) -> Sample:
        raise NotImplementedError

    # Parameters

    @property
    def _named_descriptors(self) -> list[tuple[str, Descriptor]]:
        if self.descriptors is not None:
            return self.descriptors
        return name_descriptors(self._standard_descriptors())

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters, with deep those of each named descriptor too.

        Parameters
        ----------
        deep : bool, default=True
            Also list ``hog`` and ``hog__orientations``, of the standard list as well.

        Returns
        -------
        dict
        """
        return self._get_params("_named_descriptors", deep=deep)

    def set_params(self, **params: Any) -> Self:
        """Set parameters; a descriptor's by nested name, the descriptor itself by its own.

        Parameters
        ----------
        **params : dict
            As in ``hog__orientations=6`` or ``hog="drop"``.

        Returns
        -------
        self
        """
        if "descriptors" in params:
            self.descriptors = params.pop("descriptors")
        if self.descriptors is None:
            standard = self._named_descriptors
            if {key.partition("__")[0] for key in params} & {name for name, _ in standard}:
                self.descriptors = standard
        self._set_params("descriptors", **params)
        return self

    def _active(self) -> list[tuple[str, Descriptor]]:
        """Validate the parameters and return the descriptors that are not dropped."""
        owner = type(self).__name__
        validate_params(owner, self.get_params(deep=False), self._parameter_constraints)
        for item in self._named_descriptors:
            if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)):
                raise TypeError(
                    f"{owner}: descriptors is a list of (name, descriptor), got the item {item!r}."
                )
        self._validate_names([name for name, _ in self._named_descriptors])
        active = [(n, d) for n, d in self._named_descriptors if not _is_drop(d)]
        for name, descriptor in active:
            if isinstance(descriptor, type) or not isinstance(descriptor, Descriptor):
                raise TypeError(
                    f"{owner}: {name!r} must be an instance of a Descriptor, got {descriptor!r}."
                )
            validate_params(
                type(descriptor).__name__,
                descriptor.get_params(),
                descriptor._parameter_constraints,
            )
        if not active:
            raise ValueError(f"{owner}: every descriptor is dropped; keep at least one.")
        return active

    # Transformer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Validate parameters and the shape of the column; nothing is learnt.

        Parameters
        ----------
        X : list, ndarray or table column of shape (n_samples,) or (n_samples, 1)
        y : ignored

        Returns
        -------
        self
        """
        self._active()
        as_cells(X, type(self).__name__)
        self._remember_input(X, reset=True)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Compute the features of each sample.

        Parameters
        ----------
        X : list, ndarray or table column of shape (n_samples,) or (n_samples, 1)

        Returns
        -------
        ndarray of float32 of shape (n_samples, n_features)
            A missing cell is a row of NaN, and so is an unreadable one with
            ``on_error="missing"``, which is listed in ``errors_``.

        Raises
        ------
        ValueError, TypeError, OSError
            For a cell that cannot be read, naming its row and itself.
        """
        active = self._active()
        cells = as_cells(X, type(self).__name__)
        self._remember_input(X, reset=False)
        with Progress(type(self).__name__, len(cells), self.verbose) as progress:
            rows = self._recall(cells, active, progress)
        numbers = row_numbers(len(cells))
        if self.on_error == "missing":
            self.errors_ = [(numbers[row], *error) for row, *error in rows.errors]
        remarks = [(numbers[row], remark) for row, remark in rows.remarks]
        warn_of_remarks(type(self).__name__, remarks, stacklevel=3)
        return rows.values

    def _recall(
        self, cells: list[Any], active: list[tuple[str, Descriptor]], progress: Progress
    ) -> Rows:
        """Take from memory and store what was computed before, and compute the rest."""
        if self.store is None and all(said_by_class(d, "_is_quick") for _, d in active):
            return self._extract(cells, range(len(cells)), active, progress)
        store, setting = self._keeping(active)
        if setting is None:  # a parameter that cannot be told from another: nothing to go by
            return self._extract(cells, range(len(cells)), active, progress)
        # Other processes and runs know a file by its content; this one need not read it for that.
        tell = cell_key if store is None else content_digest
        keys = [
            None if is_missing(cell) else tell(cell, text=self._cells_are_text) for cell in cells
        ]
        remarks: dict[int, list[str]] = {}
        errors: dict[int, tuple[str, str]] = {}

        def compute(positions: list[int]) -> list[np.ndarray]:
            rows = self._known_otherwise(setting, positions, cells, keys)
            progress.advance(len(rows))
            rest = [i for i in positions if i not in rows]
            part = self._extract([cells[i] for i in rest], rest, active, progress)
            for row, remark in part.remarks:
                remarks.setdefault(row, []).append(remark)
            errors.update((row, (place, reason)) for row, place, reason in part.errors)
            rows.update(zip(rest, part.values, strict=True))
            return [rows[i] for i in positions]

        def keep(position: int) -> bool:
            # An unread cell, or one that was remarked on, is to say so the next time as well.
            if position in remarks or position in errors:
                return False
            # Of a file that has changed meanwhile nobody knows which content the row is of.
            cell = cells[position]
            return not self._is_file(cell) or tell(cell) == keys[position]

        rows = compute_once(
            setting,
            keys,
            compute,
            memory=_memory,
            store=store,
            keep=keep,
            announce=progress.expect,
            batch_rows=_BATCH_ROWS if store is None else self._shared_batch(),
        )
        # Of cells with one content, one was computed.
        twins = {keys[row]: row for row in errors if keys[row] is not None}
        for row, key in enumerate(keys):
            if key in twins and row not in errors:
                errors[row] = (cell_place(cells[row]), errors[twins[key]][1])
        return Rows(
            np.stack(rows),
            [(row, remark) for row in sorted(remarks) for remark in remarks[row]],
            [(row, *errors[row]) for row in sorted(errors)],
        )

    def _is_file(self, cell: Any) -> bool:
        return isinstance(cell, str | os.PathLike) and not self._cells_are_text

    def _known_otherwise(
        self,
        setting: bytes,
        positions: list[int],
        cells: list[Any],
        keys: list[bytes | None],
    ) -> dict[int, np.ndarray]:
        """Return the rows that memory has from when there was no store, or was one."""
        others = [
            other_key(cells[i], keys[i]) if self._is_file(cells[i]) else None for i in positions
        ]
        if not any(others):
            return {}
        rows = zip(positions, _memory.get_many(setting, others), strict=True)
        return {i: row for i, row in rows if row is not None}

    def _shared_batch(self) -> int:
        return min(_BATCH_ROWS, _SHARED_BATCH_ROWS * effective_n_jobs(self.n_jobs))

    def _keeping(
        self, active: list[tuple[str, Descriptor]]
    ) -> tuple[FeatureStore | None, bytes | None]:
        """Return the store that is used and the digest of the setting, each if there is one."""
        try:
            setting = self._setting(active)
            return family_store() if self.store is None else shared_store(self.store), setting
        except TypeError as error:
            if self.store is not None and str(error) not in _told:
                _told.add(str(error))
                warnings.warn(
                    f"{type(self).__name__}: rows go to memory instead of {self.store!r}, "
                    f"since {error}",
                    StoreWarning,
                    stacklevel=4,
                )
        try:
            return None, self._setting(active, process_only=True)
        except TypeError:
            return None, None

    def _setting(
        self, active: list[tuple[str, Descriptor]], *, process_only: bool = False
    ) -> bytes:
        """Digest everything that the features of a cell depend on besides the cell."""
        params = self.get_params(deep=False)
        for name in ("descriptors", "on_error", "n_jobs", "store", "verbose"):
            del params[name]
        descriptors = [descriptor for _, descriptor in active]
        owner = type(self).__name__
        return setting_digest(owner, params, descriptors, process_only=process_only)

    def _extract(
        self,
        cells: list[Any],
        numbers: Sequence[int],
        active: list[tuple[str, Descriptor]],
        progress: Progress,
    ) -> Rows:
        options = {
            "make_sample": self._make_sample,
            "descriptors": active,
            "widths": [descriptor_width(descriptor) for _, descriptor in active],
            "owner": type(self).__name__,
            "on_error": None if self._cells_are_text else self.on_error,
        }
        n_jobs = 1 if len(cells) <= _CHUNK_ROWS else effective_n_jobs(self.n_jobs)
        if len(cells) <= _CHUNK_ROWS or (n_jobs == 1 and not self.verbose):
            rows = extract_rows(cells, row_numbers=numbers, **options)
            progress.advance(len(cells))
            return rows
        chunks = gen_even_slices(len(cells), -(-len(cells) // _CHUNK_ROWS))
        parts = []
        # Not every backend can hand out results as they come.
        return_as = "generator" if self.verbose else "list"
        work = ((cells[chunk], numbers[chunk]) for chunk in chunks)
        try:
            if n_jobs == 1:
                results = (extract_rows(part, row_numbers=rows, **options) for part, rows in work)
            else:
                results = Parallel(n_jobs=self.n_jobs, return_as=return_as)(
                    delayed(extract_rows)(part, row_numbers=rows, **options) for part, rows in work
                )
            for part in results:
                parts.append(part)
                progress.advance(len(part.values))
        except BrokenExecutor as error:
            raise OSError(
                f"{type(self).__name__}: a worker process died among the rows {numbers[0]} to "
                f"{numbers[-1]}: the memory was full, or a library crashed on a file. Use fewer "
                "jobs if memory is short; n_jobs=1 stops at the row that is at fault."
            ) from error
        return Rows(
            np.concatenate([part.values for part in parts]),
            [remark for part in parts for remark in part.remarks],
            [error for part in parts for error in part.errors],
        )

    def _remember_input(self, X: Any, *, reset: bool) -> None:
        if hasattr(X, "columns"):
            if reset or hasattr(self, "feature_names_in_"):
                _check_feature_names(self, X, reset=reset)
        elif reset and hasattr(self, "feature_names_in_"):
            del self.feature_names_in_
        if reset:
            _check_n_features(self, np.empty((1, 1)), reset=True)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Name the features.

        Parameters
        ----------
        input_features : ignored
            Features are named after what they measure.

        Returns
        -------
        ndarray of str of shape (n_features,)
            The descriptors' names; where two descriptors would share one, those are prefixed
            with the descriptor's own name, as in ``fine__hog_0000``.
        """
        named = [(name, list(d.get_names())) for name, d in self._active()]
        seen: set[str] = set()
        shared: set[str] = set()
        for _, names in named:
            shared |= seen & set(names)
            seen |= set(names)
        return np.array(
            [
                f"{name}__{feature}" if shared & set(names) else feature
                for name, names in named
                for feature in names
            ],
            dtype=object,
        )

    def __sklearn_tags__(self) -> Any:
        """Say what the input is: one column of samples, missing cells allowed."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _is_drop(descriptor: Any) -> bool:
    return isinstance(descriptor, str) and descriptor == "drop"

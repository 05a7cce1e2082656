"""scikit-learn's callbacks (`sklearn.callback`, from 1.9 on), for the fits inside of a fusion."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["CallbackSupportMixin", "begin_fit", "begin_task", "end", "inner_fit", "with_callbacks"]

try:
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing that this version of scikit-learn could support."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


def begin_fit(owner: Any, n_tasks: int, X: Any, y: Any, *, sequential: bool = False) -> Any:
    """Tell the callbacks of an estimator that its fit begins.

    Parameters
    ----------
    owner : estimator
    n_tasks : int
        Fits inside of it.
    X, y : training data
    sequential : bool, default=False
        Whether these fits come one after another.

    Returns
    -------
    CallbackContext or None
        None where nobody is listening.
    """
    if not getattr(owner, "_skl_callbacks", None):
        return None
    context = owner._init_callback_context(max_subtasks=n_tasks, sequential_subtasks=sequential)
    return context.call_on_fit_task_begin(estimator=owner, X=X, y=y)


def begin_task(context: Any, name: str, number: int) -> Any:
    """Make the context of one fit inside, to be told of with its own ``call_on_fit_task_begin``."""
    return None if context is None else context.subcontext(task_name=name, task_id=number)


def end(context: Any, owner: Any, X: Any, y: Any) -> None:
    """Tell the callbacks that a fit, or one inside, is over."""
    if context is not None:
        context.call_on_fit_task_end(estimator=owner, X=X, y=y)


@contextmanager
def inner_fit(context: Any, name: str, owner: Any, model: Any, X: Any, y: Any) -> Iterator[None]:
    """Hand the callbacks of an estimator on to the one model that it fits in this context."""
    if context is None:
        yield
        return
    task = context.subcontext(task_name=name)
    with task.propagate_callback_context(model):
        task.call_on_fit_task_begin(estimator=owner, X=X, y=y)
        yield
    task.call_on_fit_task_end(estimator=owner, X=X, y=y)

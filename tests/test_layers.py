"""The floors of the house: imports are absolute, point down, and never between modalities."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import mmsenti

PACKAGE = Path(mmsenti.__file__).parent
MODALITIES = ("text", "image", "audio")
FIRST = {"_params", "_optional", "_missing", "_descriptor", "_sample", "_column", "_atomic"}
FIRST |= {"_progress"}
THIRD = {"_base", "_setting", "_nested", "persistence", "_archive", "_model_card", "_trust"}
THIRD |= {"_plain_archive"}
TOP = {"cli", "_demo", "__main__", "_extract", "_feature_files", "_store_command"}
TOP |= {
    "_arguments",
    "_error_report",
    "_corpus",
    "_fit_command",
    "_compare_command",
    "_explain_command",
}
MODULES = sorted(
    str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".")
    for path in PACKAGE.rglob("*.py")
    if path.name != "__init__.py"
)


def floor(module):
    room, _, name = module.rpartition(".")
    if room in MODALITIES:
        return 3 if name in ("_extractor", "_tfidf", "_nb", "_group_scaler") else 2
    if room == "datasets" or module in ("datasets", "_rows"):
        return 2
    if module in FIRST or room == "store" or module == "store":
        return 1
    if module in THIRD or module in MODALITIES:
        return 3
    if room == "fusion" or module == "fusion":
        return 4
    if module == "streaming" or "frozen" in (room, module) or "evaluation" in (room, module):
        return 5
    if module in TOP:
        return 6
    raise AssertionError(f"{module} stands on no floor: give it one")


def imports_of(module):
    """Yield (imported module, whether it is imported at module level) of a module of ours."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in at_top
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            if (PACKAGE.parent / node.module.replace(".", "/") / "__init__.pyi").exists():
                for alias in node.names:
                    yield resolve(node.module, alias.name), id(node) in at_top
            else:
                yield node.module, id(node) in at_top


def resolve(package, name):
    """Name the module behind a public name, as the stub of its package tells it."""
    if name.startswith("__"):
        return package
    folder = PACKAGE / package.removeprefix("mmsenti").lstrip(".").replace(".", "/")
    if (folder / f"{name}.py").exists() or (folder / name).is_dir():
        return f"{package}.{name}"
    for node in ast.parse((folder / "__init__.pyi").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            return f"{package}.{node.module}"
    raise AssertionError(f"{package} has no {name}")


def is_writing(module):
    return module.rpartition(".")[2].startswith(("_describe", "_freeze"))


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    for imported, _ in imports_of(module):
        if imported.partition(".")[0] != "mmsenti" or imported == "mmsenti":
            continue
        other = imported.removeprefix("mmsenti.")
        assert floor(other) <= floor(module), f"{module} imports {other} from above"
        rooms = {module.partition(".")[0], other.partition(".")[0]} & set(MODALITIES)
        assert len(rooms) < 2, f"{module} imports {other}: modalities do not know each other"


@pytest.mark.parametrize("module", [m for m in MODULES if floor(m) <= 2])
def test_samples_and_descriptors_know_little_of_the_world(module):
    allowed = {"mmsenti", "numpy", "PIL", "soundfile", "soxr", *sys.stdlib_module_names}
    if module == "_params":
        allowed |= {"sklearn"}  # the one door
    if module == "_progress":
        allowed |= {"rich"}
    if module.startswith("datasets."):
        allowed |= {"pandas", "pyarrow", "sklearn"}
    for imported, at_top in imports_of(module):
        root = imported.partition(".")[0]
        assert root in allowed, f"{module} imports {imported}"
        assert not (at_top and root in ("sklearn", "pandas", "pyarrow")), f"{module}: {imported}"


@pytest.mark.parametrize("name", ["utils", "common", "helpers"])
def test_no_room_for_odds_and_ends(name):
    assert not [module for module in MODULES if name in module.split(".")]


def loaded_by(code):
    """Return what a fresh interpreter has loaded after running some code."""
    code += "\nimport sys; print(*sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.splitlines()[-1].split())


# What a frozen model predicts with; the rest of that room describes what scikit-learn fitted.
PREDICTING = [m for m in MODULES if m.startswith("frozen.") and not is_writing(m)]


@pytest.mark.parametrize("module", PREDICTING)
def test_frozen_models_stand_on_numpy_alone(module):
    allowed = {"mmsenti", "numpy", *sys.stdlib_module_names}
    for imported, _ in imports_of(module):
        root, _, other = imported.partition(".")
        assert root in allowed, f"{module} imports {imported}"
        if root == "mmsenti" and other not in (
            "",
            "fusion._absent",
            "fusion._prior",
            "fusion._rules",
        ):
            assert other in PREDICTING or floor(other) <= 2, f"{module} imports {imported}"


def test_frozen_models_load_no_heavy_library():
    code = "\n".join(f"import mmsenti.{module}" for module in PREDICTING)
    heavy = {"sklearn", "scipy", "pandas", "librosa", "skimage", "nltk", "numba", "joblib"}
    assert not loaded_by(code) & (heavy | {"PIL", "soundfile", "soxr", "zipfile"})


def test_import_is_light():
    assert not loaded_by("import mmsenti") & {"numpy", "sklearn", "pandas", "PIL", "soundfile"}


def test_samples_do_without_scikit_learn():
    rooms = [m for m in MODULES if floor(m) <= 2 and not m.startswith("datasets.")]
    code = "\n".join(f"import mmsenti.{module}" for module in rooms)
    assert not loaded_by(code) & {"sklearn", "scipy", "pandas", "librosa", "skimage", "nltk"}


def test_extractors_load_no_heavy_library():
    code = (
        "from mmsenti.text import TextFeatures, TextTfidf\n"
        "from mmsenti.image import ImageFeatures\n"
        "from mmsenti.audio import AudioFeatures\n"
        "import numpy as np\n"
        "TextFeatures().fit_transform(['good'])\n"
        "TextTfidf().fit_transform(['good'])\n"
        "ImageFeatures().fit_transform([np.zeros((9, 9, 3), np.uint8)])\n"
        "AudioFeatures().fit_transform([np.sin(np.arange(8000) / 9.0)])"
    )
    assert not loaded_by(code) & {"librosa", "skimage", "nltk", "numba", "matplotlib"}


@pytest.mark.parametrize(
    "package", ["mmsenti", *(f"mmsenti.{p.parent.name}" for p in PACKAGE.glob("*/__init__.pyi"))]
)
def test_packages_resolve_the_names_of_their_stubs(package):
    """A package names twice what it offers: for type checkers, and without parsing that, itself."""
    module = importlib.import_module(package)
    stub = ast.parse(Path(module.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imported = {
        alias.name for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported == set(module.__all__)
    for name in imported:
        owner = resolve(package, name)
        found = getattr(module, name)
        assert getattr(found, "__module__", owner).startswith(owner), f"{name} is not of {owner}"

"""One small comparison of real files that several tests look at."""

import pytest

from mmsenti.datasets import make_posts
from mmsenti.evaluation import compare
from mmsenti.fusion import FusionClassifier, default_modalities

HOSTILE = "<script>document.title = 'broken'</script> & \"quotes\" </script> \U0001f600 great"


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("posts")
    posts = make_posts(60, n_classes=3, missing_rate=0.1, folder=folder, random_state=0)
    posts.loc[5, "text"] = HOSTILE
    posts.loc[7, "image"] = str(folder / "gone.jpg")
    posts.loc[8, "text"] = posts.loc[9, "text"] = "the very same words"
    posts["author"] = posts["author"].replace({"author_01": "<b>author</b>"})
    return compare(
        FusionClassifier(default_modalities(posts, on_error="missing")),
        posts,
        posts["label"],
        groups=posts["author"],
        strategies=["voting"],
        modalities=[["text", "image", "audio"]],
        cv=3,
        n_resamples=50,
    )

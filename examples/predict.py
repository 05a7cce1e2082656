"""Answer lines of JSON, one row each, with the probabilities of the classes."""

import gc
import json
import sys

from mmsenti import load_frozen

MODEL = load_frozen("posts.frozen")  # once in a process, which never imports scikit-learn
gc.freeze()  # what is loaded stays, so no collection need look at it, nor the last of the process


def answer(rows):
    probabilities = MODEL.predict_proba(rows).round(4).tolist()
    return [dict(zip(MODEL.classes_.tolist(), row, strict=True)) for row in probabilities]


if __name__ == "__main__":
    print(json.dumps(answer([json.loads(line) for line in sys.stdin])))

"""Blocks of frames: all of them, in their order, none larger than asked for."""

import pytest

from mmsenti.audio._filters import even_blocks


@pytest.mark.parametrize("most", [1, 3, 64, 160])
@pytest.mark.parametrize("n_frames", [0, 1, 2, 7, 64, 65, 129, 301, 1000])
def test_even_blocks(n_frames, most):
    blocks = list(even_blocks(n_frames, most))
    assert [i for block in blocks for i in range(n_frames)[block]] == list(range(n_frames))
    lengths = [block.stop - block.start for block in blocks]
    assert len(blocks) == -(-n_frames // most)
    assert all(0 < length <= most for length in lengths)
    assert max(lengths, default=0) - min(lengths, default=0) < max(1, len(lengths))

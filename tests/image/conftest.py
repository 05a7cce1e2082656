import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

_SHARED = Path(__file__).resolve().parents[3] / "shared"


@pytest.fixture(scope="session")
def scene():
    """Two shapes before a colour ramp, 48 high and 64 wide: no side looks like another."""
    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([x * 4, y * 5, 255 - x * 2 - y], axis=-1).astype(np.uint8)
    pixels[8:20, 10:30] = (230, 60, 40)
    pixels[30:44, 40:60] = (20, 90, 200)
    return pixels


@pytest.fixture(scope="session")
def encode():
    """Encode pixels, or a PIL image, as the bytes of a file."""

    def encode(pixels, kind, **options):
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    return encode


@pytest.fixture(scope="session")
def photos():
    """Paths of a few real photos."""
    folder = _SHARED / "data" / "mvsa_single" / "images"
    if not folder.is_dir():
        pytest.skip("the photos of mvsa_single are not here")
    return sorted(folder.glob("*.jpg"))[:200:10]

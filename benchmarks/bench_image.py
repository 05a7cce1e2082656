"""Image features beside scikit-image and OpenCV.

    python benchmarks/run.py image [--sizes 1 100 10000]

*limit* is decoding by Pillow alone, in draft mode where ours uses it. scikit-image's and our
numbers are compared on the same plane; its and OpenCV's resizing differ from Pillow's.
"""

import io
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pairs import Case, available, forget, grow_old
from PIL import Image

from mmsenti.image import (
    HOG,
    LBP,
    ColorHistogram,
    ColorMoments,
    Picture,
    make_image_features,
)

_CELL = 8
_NEIGHBOURS = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]


def uniform_bin(code):
    """Give uniform patterns of eight bits the number of their ones, and all others one more."""
    bits = [code >> i & 1 for i in range(8)]
    changes = sum(bits[i] != bits[i - 1] for i in range(8))
    return sum(bits) if changes <= 2 else 9


_UNIFORM = np.array([uniform_bin(code) for code in range(256)])


def photo(width: int, height: int, seed: int) -> bytes:
    """Make a JPEG of smooth blobs, edges and noise, about as large as a photo's."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    base = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    base = base + rng.integers(-12, 13, (height, width, 1), dtype=np.int16)
    base[height // 3 :, width // 4 : width // 2] //= 2
    file = io.BytesIO()
    Image.fromarray(base.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    return file.getvalue()


def skimage_descriptors(rgb):
    from skimage import color

    gray = np.asarray(Image.fromarray(rgb).convert("L"))
    hsv, lab = color.rgb2hsv(rgb).reshape(-1, 3), color.rgb2lab(rgb).reshape(-1, 3)
    joint = np.histogramdd(hsv, (8, 3, 3), [(0, 1)] * 3)[0].ravel() / len(hsv)
    planes = np.hstack([hsv[:, 1:], lab])
    centred = planes - planes.mean(axis=0)
    moments = [planes.mean(axis=0), planes.std(axis=0), np.cbrt((centred**3).mean(axis=0))]
    return np.concatenate([joint, *moments, skimage_lbp(gray), skimage_hog(gray)])


def skimage_hog(gray):
    from skimage.feature import hog

    return hog(gray, 9, (_CELL, _CELL), (2, 2), "L2-Hys")


def skimage_lbp(gray):
    from skimage.feature import local_binary_pattern

    codes = local_binary_pattern(gray, 8, 1, "uniform")
    return np.bincount(codes.astype(int).ravel(), minlength=10) / codes.size


def skimage_way(path):
    from skimage import io as skimage_io
    from skimage import transform

    image = transform.resize(skimage_io.imread(path), (128, 128), anti_aliasing=True)
    return skimage_descriptors((255 * image).astype(np.uint8))


def opencv_way(path, flags):
    """Compute the same kinds of features by OpenCV, whose HOG counts otherwise."""
    import cv2

    image = cv2.imread(path, flags)
    image = cv2.resize(image, (128, 128), interpolation=cv2.INTER_AREA)
    hsv, lab = cv2.cvtColor(image, cv2.COLOR_BGR2HSV), cv2.cvtColor(image, cv2.COLOR_BGR2LAB)
    joint = cv2.calcHist([hsv], [0, 1, 2], None, [8, 3, 3], [0, 180, 0, 256, 0, 256])
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    moments = [m.ravel() for planes in (hsv, lab) for m in opencv_moments(planes)]
    return np.concatenate([joint.ravel(), *moments, opencv_hog(gray), shifted_lbp(gray)])


def opencv_moments(planes):
    """Mean, spread and skewness of each channel; the hue's too, as if it were no angle."""
    import cv2

    mean, std = cv2.meanStdDev(planes)
    centred = planes - mean.ravel().astype(np.float32)
    third = cv2.mean(cv2.multiply(cv2.multiply(centred, centred), centred))[:3]
    return mean, std, np.cbrt(third)


def shifted_lbp(gray):
    """Uniform local binary patterns of the eight neighbours, without interpolation."""
    centre = gray[1:-1, 1:-1]
    codes = np.zeros_like(centre)
    for bit, (down, right) in enumerate(_NEIGHBOURS):
        shifted = gray[1 + down : 127 + down, 1 + right : 127 + right]
        codes |= (shifted >= centre).view(np.uint8) << np.uint8(bit)
    return np.bincount(_UNIFORM, np.bincount(codes.ravel(), minlength=256))


def opencv_hog(gray):
    import cv2

    return cv2.HOGDescriptor((128, 128), (16, 16), (8, 8), (8, 8), 9).compute(gray).ravel()


def decode(path, draft):
    with Image.open(path) as image:
        if draft:
            image.draft("RGB", (128, 128))
        image.load()


def each(function, items):
    for item in items:
        function(item)


def transform(extractor, cells):
    forget()
    extractor.transform(cells)


def check_descriptors(picture):
    hog = HOG(pixels_per_cell=_CELL)
    np.testing.assert_allclose(hog.compute(picture), skimage_hog(picture.gray), atol=1e-6)
    np.testing.assert_array_equal(LBP().compute(picture), skimage_lbp(picture.gray))
    from skimage import color

    np.testing.assert_allclose(picture.hsv, color.rgb2hsv(picture.rgb), atol=1e-5)
    np.testing.assert_allclose(picture.lab, color.rgb2lab(picture.rgb), atol=1e-3)


def write_files(folder, kind, contents, n):
    """Write `n` files, each with bytes of its own behind the picture, so that none is known."""
    paths = [Path(folder, f"{kind}-{i}.jpg") for i in range(n)]
    for i, path in enumerate(paths):
        path.write_bytes(contents[i % len(contents)] + i.to_bytes(4))
    grow_old()
    return list(map(str, paths))


def descriptor_cases(pictures):
    """Yield the cases of single descriptors, on planes that are there already."""
    grays = [picture.gray for picture in pictures]
    check = partial(check_descriptors, pictures[0])
    hog = partial(each, HOG(pixels_per_cell=_CELL).compute, pictures)
    peers = {"scikit-image": partial(each, skimage_hog, grays)}
    if available("cv2", "HOGDescriptor"):
        peers["OpenCV (other numbers)"] = partial(each, opencv_hog, grays)
    yield Case("HOG, 128 px, 8 px cells", hog, peers, len(pictures), check)
    peers = {"scikit-image": partial(each, skimage_lbp, grays)}
    yield Case("LBP, 128 px", partial(each, LBP().compute, pictures), peers, len(pictures), check)


def file_cases(kind, paths, check, reduced):
    """Yield the cases from file to features, with full decoding and in draft mode."""
    parts = [ColorHistogram(), ColorMoments(), LBP(), HOG(pixels_per_cell=_CELL)]
    for draft in (False, True):
        extractor = make_image_features(*parts, draft=draft)
        peers = {"scikit-image": partial(each, skimage_way, paths)}
        if available("cv2", "HOGDescriptor"):
            import cv2

            cv2.setNumThreads(1)
            flags = getattr(cv2, reduced) if draft else cv2.IMREAD_COLOR
            peers["OpenCV (other numbers)"] = partial(each, partial(opencv_way, flags=flags), paths)
        work = f"{kind} JPEG, colour + LBP + HOG{', draft' if draft else ''}"
        limit = partial(each, partial(decode, draft=draft), paths)
        yield Case(work, partial(transform, extractor, paths), peers, len(paths), check, limit)


def cases(size):
    """Yield the cases of one size."""
    contents = [photo(640, 480, seed) for seed in range(min(size, 100))]
    pictures = [Picture(content) for content in contents]
    check = partial(check_descriptors, pictures[0])
    if size <= 100:
        yield from descriptor_cases(pictures)
    with TemporaryDirectory() as folder:
        paths = write_files(folder, "small", contents, size)
        yield from file_cases("640x480", paths, check, "IMREAD_REDUCED_COLOR_2")
        if size == 1:
            paths = write_files(folder, "large", [photo(4000, 3000, 0)], 1)
            yield from file_cases("12 MP", paths, check, "IMREAD_REDUCED_COLOR_8")

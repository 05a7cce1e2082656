import subprocess
import sys
import threading

import numpy as np
import pytest
from sklearn.base import clone

from mmsenti._descriptor import Descriptor
from mmsenti._sample import SampleWarning
from mmsenti.audio import MFCC, AudioFeatures, Prosody, Spectral, make_audio_features


def test_the_standard_list(tone):
    extractor = AudioFeatures()
    names = extractor.get_feature_names_out()
    features = extractor.fit_transform([tone(), None, tone(330)])
    assert features.dtype == np.float32
    assert features.shape == (3, len(names)) == (3, len(set(names)))
    assert np.isnan(features[1]).all()
    assert np.isfinite(features[[0, 2]]).all()
    assert features[[0, 2], list(names).index("f0_median")].round().tolist() == [220, 330]


def test_nested_parameters_and_drop(tone):
    extractor = clone(AudioFeatures().set_params(mfcc__n_mfcc=13, spectral="drop"))
    names = list(extractor.get_feature_names_out())
    assert "mfcc_13_voiced_mean" in names
    assert "mfcc_14_voiced_mean" not in names
    assert not [name for name in names if name.startswith("spectral")]


@pytest.mark.parametrize(
    "params",
    [
        {"sampling_rate": 10},
        {"sampling_rate": 16000.5},
        {"n_fft": 8},
        {"hop_length": 0},
        {"max_duration": 0},
        {"on_error": "ignore"},
        {"mfcc__n_mfcc": 0},
        {"mfcc__functionals": "mean"},
        {"spectral__rolloff_share": 1.0},
        {"prosody__silence": -1},
    ],
)
def test_impossible_parameters_are_refused(params, tone):
    with pytest.raises(ValueError, match=f"The {next(iter(params)).split('__')[-1]!r} parameter"):
        AudioFeatures().set_params(**params).fit([tone()])


def test_rows_of_other_rates_are_nearly_the_same(tone):
    # The spectrum of a tone at 16 and at 44.1 kHz differs only by the resampler's pass band.
    extractor = make_audio_features(Prosody())
    a, b = extractor.transform([tone(), (tone(rate=44100), 44100)])
    np.testing.assert_allclose(a, b, rtol=0.02, atol=0.05)


def test_an_error_names_row_and_file(tmp_path, tone):
    path = tmp_path / "talk.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A \0\0\0\0")
    column = [tone(), str(path)]
    with pytest.raises(ValueError, match=r"AudioFeatures, row 1, '.*talk\.m4a': format not supp"):
        AudioFeatures().transform(column)
    features = AudioFeatures(on_error="missing").transform(column)
    assert np.isnan(features).all(axis=1).tolist() == [False, True]


def test_one_warning_for_all_rows(tone):
    column = [tone()[:100], tone(), tone()[:50]]
    with pytest.warns(SampleWarning, match="row 0: shorter than one frame .* 1 more") as record:
        AudioFeatures().transform(column)
    assert len(record) == 1


def test_a_descriptor_of_ones_own(tone):
    class Peak(Descriptor):
        def get_names(self):
            return ["peak"]

        def compute(self, clip):
            return [np.abs(clip.signal).max()]

    assert make_audio_features(Peak()).transform([tone()])[0, 0] == pytest.approx(0.5, abs=1e-4)


def test_threads_give_the_same_bits(tone):
    extractor, column = AudioFeatures(), [tone(f) for f in (100, 200, 300)]
    expected, got = extractor.transform(column), []
    threads = [
        threading.Thread(target=lambda: got.append(extractor.transform(column))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    for features in got:
        np.testing.assert_array_equal(features, expected)


def test_the_spectrum_is_computed_once(tone, monkeypatch):
    shapes = []
    rfft = np.fft.rfft
    monkeypatch.setattr(
        np.fft, "rfft", lambda x, *a, **k: shapes.append(x.shape) or rfft(x, *a, **k)
    )
    make_audio_features(MFCC(), MFCC(n_mels=26), Spectral()).transform([tone()])
    assert sum(rows for rows, _ in shapes) == 101


def test_descriptors_load_nothing_heavy(tmp_path, wav):
    path = tmp_path / "a.wav"
    path.write_bytes(wav(np.full(16000, 1000, dtype="<i2")))
    code = (
        "import sys; from mmsenti.audio._clip import Clip\n"
        "from mmsenti.audio import MFCC, Spectral, Prosody\n"
        f"clip = Clip({str(path)!r})\n"
        "[d.compute(clip) for d in (MFCC(), Spectral(), Prosody())]\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'librosa', 'numba', 'skimage', 'soundfile'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_longest_sound_allowed_needs_less_than_a_gigabyte(tmp_path, encode, peak_memory):
    path = tmp_path / "long.flac"
    path.write_bytes(encode(np.zeros(600 * 8000, dtype=np.int16), 8000, "FLAC"))
    script = "import sys\nfrom mmsenti.audio import AudioFeatures\n"
    script += "AudioFeatures().transform(sys.argv[1:])"
    assert peak_memory(script, str(path)) < 1 << 30

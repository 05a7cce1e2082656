import numpy as np
import pytest

from mmsenti.audio._clip import Clip


def pcm16(signal):
    return np.round(np.asarray(signal, dtype=np.float64) * 32767).astype("<i2")


# Formats


@pytest.mark.parametrize(
    ("container", "subtype", "rate", "tolerance"),
    [
        ("WAV", "PCM_U8", 16000, 1e-2),
        ("WAV", "PCM_24", 16000, 1e-6),
        ("WAV", "FLOAT", 16000, 1e-7),
        ("WAV", "DOUBLE", 16000, 1e-7),
        ("WAV", "ULAW", 16000, 2e-2),
        ("WAVEX", "PCM_16", 16000, 1e-4),
        ("RF64", "PCM_16", 16000, 1e-4),
        ("FLAC", "PCM_16", 16000, 1e-4),
        ("AIFF", "PCM_16", 16000, 1e-4),
        ("AU", "PCM_16", 16000, 1e-4),
        ("OGG", "VORBIS", 16000, 5e-2),
        ("MP3", "MPEG_LAYER_III", 16000, 5e-2),
    ],
)
def test_formats_by_content_not_by_name(
    container, subtype, rate, tolerance, tone, encode, tmp_path
):
    signal = tone(440, 1.0, rate)
    content = encode(signal, rate, container, subtype)
    path = tmp_path / "misleading.raw"
    path.write_bytes(content)
    for source in (content, path):
        clip = Clip(source)
        assert clip.remarks == []
        assert clip.duration == 1.0
        np.testing.assert_allclose(clip.signal, signal, atol=tolerance)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"Not audio at all.\n", "format not supported \\(unknown content\\); expected WAV, FLAC"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "format not supported \\(MP4 or M4A\\)"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "format not supported"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG picture"),
        (b"RIFF\0\0\0\0WAVE", "not a readable sound file"),
        (b"ID3\3\0\0\0\0\0\x7f" + bytes(127), "not a readable sound file"),
        (b"OggS" + bytes(30), "not a readable sound file"),
    ],
)
def test_other_content_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        Clip(content)


def test_headerless_samples_are_not_guessed(tmp_path, tone):
    path = tmp_path / "tone.raw"
    path.write_bytes(pcm16(tone()).tobytes())
    with pytest.raises(ValueError, match="format not supported"):
        Clip(path)


@pytest.mark.parametrize(
    "path", ["missing.wav", "http://127.0.0.1:9/x.wav", "a\0b.wav", "/dev/zero"]
)
def test_what_is_no_file_is_not_opened(path):
    with pytest.raises((ValueError, OSError)):
        Clip(path)


# Faults


def test_a_wav_cut_short_is_used_with_a_remark(wav):
    clip = Clip(wav(np.full(8000, 16384, dtype="<i2"), promised=32000))
    assert len(clip.signal) == 8000
    assert clip.remarks == ["cut short: 16000 of 32000 bytes of samples are there."]


def test_a_streamed_wav_has_no_length_and_no_fault(wav):
    clip = Clip(wav(np.full(8000, 16384, dtype="<i2"), promised=0xFFFFFFFF))
    assert (len(clip.signal), clip.remarks) == (8000, [])


@pytest.mark.parametrize(
    ("container", "subtype", "rate"),
    [
        ("WAV", "FLOAT", 44100),
        ("WAV", "MS_ADPCM", 44100),
        ("RF64", "PCM_16", 44100),
        ("AIFF", "PCM_16", 44100),
        ("AU", "PCM_16", 44100),
        ("FLAC", "PCM_16", 44100),
        ("OGG", "VORBIS", 44100),
        ("OGG", "OPUS", 48000),
        ("MP3", "MPEG_LAYER_III", 44100),
    ],
)
def test_any_file_cut_short_is_used_with_a_remark(container, subtype, rate, encode):
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * rate)
    content = encode(noise, rate, container, subtype)
    clip = Clip(content[: len(content) * 3 // 5])
    assert 0.3 < clip.duration < 1.9
    assert len(clip.remarks) == 1
    assert clip.remarks[0].startswith(("cut short", "damaged"))


def test_an_ogg_cut_in_its_first_page_of_sound(encode):
    noise = 0.1 * np.random.default_rng(0).standard_normal(22050)
    content = encode(noise, 44100, "OGG", "VORBIS")
    pages = [i for i in range(len(content)) if content.startswith(b"OggS", i)]
    whole = Clip(content)
    # The third page is the first of sound; two thirds of it are left.
    clip = Clip(content[: pages[2] + (pages[3] - pages[2]) * 2 // 3])
    assert clip.remarks[0].startswith("cut short within its first page of sound")
    n = int(0.1 * 16000)
    np.testing.assert_allclose(clip.signal[200:n], whole.signal[200:n], atol=1e-3)


def test_a_flac_that_promises_more_than_there_is_allocates_nothing(encode):
    content = bytearray(encode(np.zeros(16000), 16000, "FLAC"))
    content[21] |= 0x0F  # the low half of this byte and the next four count the samples
    content[22:26] = b"\xff\xff\xff\xff"
    with pytest.raises(ValueError, match="max_duration is 600 s"):
        Clip(bytes(content))
    clip = Clip(bytes(content), max_duration=float("inf"))
    assert clip.duration == 1.0
    assert len(clip.remarks) == 1


def test_a_header_that_asks_for_a_place_before_the_file_is_no_printed_exception():
    # libsndfile seeks from C, where an exception can only be printed on stderr.
    from mmsenti.audio._libsndfile import _Memory

    file = _Memory(b"RIFF....WAVE")
    assert file.seek(4) == 4
    assert file.seek(-9) == 4
    assert file.read(4) == b"...."
    assert file.seek(-4, 2) == 8

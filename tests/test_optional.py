"""What is not installed is named with the extra that brings it."""

import pytest

from mmsenti._optional import import_optional


def test_absent_package():
    with pytest.raises(ImportError, match=r'pip install "mmsenti\[report\]"'):
        import_optional("no_such_package.part", "report", "The report")


def test_present_package():
    assert import_optional("json", "report", "The report").dumps([]) == "[]"

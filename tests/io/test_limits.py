import subprocess
import sys

import numpy as np
import pytest

from radlearn.exceptions import ImageReadError
from radlearn.io.errors import decoding
from radlearn.io.limits import check_declared_size, format_bytes

INT16 = np.dtype("int16")


def test_the_declared_size_is_the_number_of_voxels_times_their_bytes():
    assert check_declared_size("a", (2, 3, 4), INT16, file_bytes=48) == 48


@pytest.mark.parametrize(
    ("shape", "file_bytes", "offset", "compressed", "fits"),
    [
        ((2, 3, 4), 48, 0, False, True),
        ((2, 3, 4), 47, 0, False, False),
        ((2, 3, 4), 48, 1, False, False),
        ((1032, 100), 200, 0, True, True),
        ((1032, 101), 200, 0, True, False),
        ((2**10, 2**10, 2**10), 2**40, 0, False, True),
        ((2, 3, 4), 2**40, 2**33, False, True),
        ((2, 3, 4), 2**40, 2**33, True, False),
        ((2**10, 2**10, 2**10 + 1), 2**40, 0, False, False),
    ],
)
def test_an_image_must_fit_into_its_file_and_the_limits(shape, file_bytes, offset, compressed, fits):
    arguments = {"file_bytes": file_bytes, "offset": offset, "compressed": compressed}
    if fits:
        check_declared_size("scan.nii", shape, INT16, **arguments)
    else:
        with pytest.raises(ImageReadError, match=r"cannot read 'scan.nii': its header declares"):
            check_declared_size("scan.nii", shape, INT16, **arguments)


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (54e12, "54 TB"), (3.2e21, "3.2e+06 PB")],
)
def test_sizes_are_told_in_words(n_bytes, words):
    assert format_bytes(n_bytes) == words


@pytest.mark.parametrize(
    "error", [OSError("broken\nmore"), RecursionError("broken"), SyntaxError("broken"), KeyError()]
)
def test_whatever_a_decoder_raises_becomes_one_error(error):
    message = r"'a.png': its data are damaged or incomplete \((broken|KeyError)\)"
    with pytest.raises(ImageReadError, match=message), decoding("a.png"):
        raise error


def test_a_typed_error_passes_unchanged():
    error = ImageReadError("problem", "remedy")
    with pytest.raises(ImageReadError) as caught, decoding("a.png"):
        raise error
    assert caught.value is error


def test_reading_packages_are_imported_only_when_a_file_needs_them():
    code = "import sys, radlearn.io; print(sorted({'nibabel', 'PIL', 'tifffile', 'pydicom'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

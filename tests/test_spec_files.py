"""Specs in TOML: what they say, and how each mistake is answered."""

import pytest

import tnet
from tnet.errors import FileFormatError, SpecError

FULL = """
architecture = "ConvNet"
inputs = [28, 28]
features = 2
widths = [4, 8, 16]
pooling = "square"
window = [2, 2, 7]
shared = true
outputs = 10
operator = "max"
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "arch.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return written


def test_every_field_arrives(write):
    assert tnet.load_spec(write(FULL)) == tnet.ConvNet(
        (28, 28),
        features=2,
        widths=(4, 8, 16),
        window=(2, 2, 7),
        shared=True,
        outputs=10,
        operator="max",
    )


def test_defaults_trees_and_windows_per_axis(write):
    short = 'architecture = "ConvNet"\ninputs = 3\nfeatures = 2\nwidths = [2, 5]\n'
    tree = tnet.load_spec(write(short + "pooling = [[0, 1], 2]"))
    assert tree.tree == tnet.ModeTree.from_nested(((0, 1), 2))
    wide = short.replace("inputs = 3", "inputs = [4, 6]") + "window = [[2, 3], 2]"
    assert tnet.load_spec(write(wide)).tree == tnet.pooling.square((4, 6), ((2, 3), 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("features", "feature"), "field 'feature' is not known; the fields are .*features"),
        (("features = 2", ""), "field 'features' is missing"),
        (("[4, 8, 16]", '[4, "8", 16]'), r"field 'widths\[1\]': expected `int`, got `str`"),
        (("features = 2", "features = 2.5"), "field 'features': expected `int`, got `float`"),
        (("features = 2", "features = 0"), "features must be an integer of at least 1; got 0"),
        (('"ConvNet"', '"ResNet"'), "architecture is 'ResNet'; choose one of ConvNet"),
        (('architecture = "ConvNet"', ""), "'architecture' is missing; add it, such as"),
        (('"max"', '"min"'), "operator is 'min'; choose one of product, max"),
        (('"square"', '"circle"'), "pooling is 'circle'; choose one of square"),
        (("[2, 2, 7]", "[2, 2, 2]"), "window 2x2 of level 2 does not divide the 7x7 grid"),
        (("[2, 2, 7]", "[2, 2]"), r"leave a grid of 7x7"),
        (("[4, 8, 16]", "[4, 8]"), r"widths has 2 entries for 3 levels .*196 > 49 > 1"),
        (('"square"', "[[0, 1], 2]"), "window is .* knows its own windows"),
    ],
)
def test_each_mistake_is_told_with_file_field_and_remedy(write, change, message):
    assert change[0] in FULL
    path = write(FULL.replace(*change))
    with pytest.raises(SpecError, match=message) as caught:
        tnet.load_spec(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", [FULL + "widths", b"\xff\xfe"])
def test_a_file_that_is_not_toml(write, content):
    with pytest.raises(FileFormatError, match="not TOML"):
        tnet.load_spec(write(content))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        tnet.load_spec(tmp_path / "none.toml")

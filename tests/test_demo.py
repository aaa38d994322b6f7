"""The demo on real images: its numbers against independent ones, its files on disk."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import tnet
from tnet.cli.main import main
from tnet.design import demo, digits


@pytest.fixture(scope="module")
def report():
    stages = []
    found = demo.run_demo(progress=stages.append)
    assert tuple(stages) == demo.STAGES
    return found


def test_cuts_by_hand(report):
    # Square windows: left and right halves are whole windows up to the top, so its one hyperedge
    # of 256 suffices. Reflections mix every window at the bottom, so all pixels of a side are cut.
    square, mirror = report.geometries["square"].cuts, report.geometries["mirror"].cuts
    assert square["left/right"].factors == {"r2": 1}
    assert square["top/bottom"].dimension == 256
    assert mirror["left/right"].dimension == 2**32
    for cuts in (square, mirror):
        assert cuts["checkerboard"].dimension == 2**32
        assert cuts["centre"].dimension == 8**4
        assert all(cut.verify() for cut in cuts.values())


def test_scores_equal_the_plain_forward_pass(report):
    assert all(on.difference < 1e-9 for on in report.geometries.values())


def test_accuracy_is_that_of_real_learning(report):
    # Random lower layers and a linear output: in the range of a plain linear classifier.
    data = digits.load_digits()
    pixels = data.features[:, :, 0]
    linear = LogisticRegression(max_iter=2000).fit(pixels[data.train], data.labels[data.train])
    baseline = linear.score(pixels[data.test], data.labels[data.test])
    for on in report.geometries.values():
        assert baseline - 0.03 < on.test_accuracy < 1
        assert on.test_accuracy <= on.train_accuracy


def test_ranks_equal_cuts_where_the_theorem_says_so(report):
    assert len(report.rank_checks) == 4
    for check in report.rank_checks:
        assert check.cut.claim.kind == "exact by theorem"
        assert check.rank == check.cut.dimension


def test_the_plain_forward_pass_is_the_product_over_windows():
    spec = tnet.ConvNet((8, 8), features=2, widths=(1, 1, 1), pooling="mirror", outputs=2)
    ones = {
        group.parameter: np.ones(shape)
        for group in spec.compile().tensor_groups
        for shape in [spec.compile().parameter_shape(group)]
    }
    features = np.random.default_rng(0).random((3, 64, 2))
    expected = features.sum(axis=2).prod(axis=1)
    for pooling in demo.GEOMETRIES:
        scores = digits.plain_forward_pass(pooling, ones, features)
        np.testing.assert_allclose(scores, np.stack([expected, expected], axis=1))


def test_the_command_prints_and_writes(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["demo", "-o", str(tmp_path / "out")])
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert "left/right    256 = r2" in out
    assert "test accuracy 9" in out
    assert out.count("equal\n") == 4
    document = json.loads((tmp_path / "out" / "report.json").read_text())
    assert document["geometries"]["square"]["cuts"]["left/right"]["dimension"] == 256
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "report.json",
        *(
            f"{geometry}-{title}.{kind}"
            for geometry in ("square", "mirror")
            for title in ("left-right", "checkerboard")
            for kind in ("svg", "png")
        ),
    }
    for name in names:
        assert str(tmp_path / "out" / name) in out


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"pip install 'tnet\[examples\]'"):
        digits.load_digits()

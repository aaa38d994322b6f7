"""``tnet entangle`` and ``tnet cut --certify`` as a person meets them."""

import json
import warnings

import numpy as np
import pytest

import tnet
from tnet.entanglement.certificates import max_schmidt_number

LINE = 'architecture = "ConvNet"\ninputs = 16\nfeatures = 2\nwidths = [2, 4, 4, 4]\noutputs = 2\n'
LOOSE = (
    'architecture = "ConvNet"\ninputs = 16\nfeatures = 2\nwidths = [3, 3]\nwindow = 4\n'
    "shared = true\n"
)
LOOSE_SIDE = "1-5,7,12,13,15"


@pytest.fixture
def line(tmp_path):
    path = tmp_path / "line.toml"
    path.write_text(LINE)
    return path


@pytest.fixture
def loose(tmp_path):
    path = tmp_path / "loose.toml"
    path.write_text(LOOSE)
    return path


def dense_spectrum(network, parameters, output):
    """Singular values of the dense tensor of a line of 16, left against right."""
    dense = tnet.contract(network, parameters)[..., output]
    return np.linalg.svd(dense.reshape(2**8, 2**8), compute_uv=False)


def answers(text):
    """Question to answer, from the lines of a printed table."""
    rows = [line.rstrip().rsplit("  ", 2) for line in text.splitlines()[1:] if "  " in line[2:]]
    return {row[0].strip(): row[1].strip() for row in rows if len(row) == 3}


class TestEntangle:
    @pytest.mark.parametrize("output", [0, 1])
    def test_weights_of_a_file_have_the_measures_of_their_dense_tensor(
        self, run, line, tmp_path, output
    ):
        network = tnet.load_spec(line).compile()
        weights = tnet.random_parameters(network, seed=4)
        file = tnet.save_parameters(network, weights, tmp_path / "weights.npz")
        options = ["--side", "left-right", "--parameters", file, "--output", output]
        code, out, err = run("entangle", line, *options)
        assert (code, err) == (0, "")
        assert out.startswith(f"8 against 8 inputs, weights of {file}\n")
        document = json.loads(run("entangle", line, *options, "--json")[1])
        values = dense_spectrum(network, weights, output)
        shares = values**2 / (values**2).sum()
        entropy = -(shares[shares > 0] * np.log2(shares[shares > 0])).sum()
        spectrum = document["spectrum"]
        assert spectrum["number"] == (values > 1e-10 * values[0]).sum() == 4
        assert spectrum["entropy_bits"] == pytest.approx(entropy)
        assert spectrum["effective_rank"] == pytest.approx(2**entropy)
        assert spectrum["geometric_measure"] == pytest.approx(1 - shares[0])
        assert (document["output"], document["parameters"]) == (output, str(file))
        assert document["seed"] is None
        assert document["min_cut"]["dimension"] == 4
        table = answers(out)
        assert table["min cut"] == table["bound with sharing"] == "4"
        assert table["Schmidt number of these weights"] == "4"
        assert table["entropy in bits"] == f"{entropy:.4g}"
        assert table["effective rank"] == f"{2**entropy:.4g}"
        assert table["geometric measure"] == f"{1 - shares[0]:.4g}"
        assert float(table["tolerance it is counted at"]) < 1e-12
        assert float(table["gap at it"]) > 1e6

    def test_without_a_file_weights_are_drawn_and_the_seed_is_told(self, run, line):
        network = tnet.load_spec(line).compile()
        for options, seed in ([], 0), (["--seed", "7"], 7):
            code, out, _ = run("entangle", line, "--side", "odd-even", *options)
            assert code == 0
            assert out.startswith(f"8 against 8 inputs, random weights, seed {seed}\n")
            document = json.loads(
                run("entangle", line, "--side", "odd-even", *options, "--json")[1]
            )
            weights = tnet.random_parameters(network, seed=seed)
            expected = tnet.schmidt_spectrum(
                network, weights, tnet.partitions.odd_even(16)
            ).entropy()
            assert document["spectrum"]["entropy_bits"] == pytest.approx(expected)
            assert (document["seed"], document["parameters"]) == (seed, None)

    def test_the_interval_is_shown_on_request_only(self, run, loose):
        code, out, _ = run("entangle", loose, "--side", LOOSE_SIDE)
        assert code == 0
        assert "largest" not in out
        options = ["entangle", loose, "--side", LOOSE_SIDE]
        assert "max_schmidt_number" not in json.loads(run(*options, "--json")[1])
        out = run(*options, "--certify")[1]
        assert answers(out)["largest Schmidt number"] == "21 to 22"
        assert "2 draws did not close the interval" in out
        largest = json.loads(run(*options, "--certify", "--json")[1])["max_schmidt_number"]
        assert (largest["lower"], largest["upper"], largest["exact"]) == (21, 22, False)

    def test_a_saved_network_is_a_subject_too(self, run, tmp_path):
        network = tnet.from_einsum("ab,bc,ca->abc", (2, 3), (3, 4), (4, 2))
        path = tnet.save(network, tmp_path / "ring.json")
        code, out, _ = run("entangle", path, "--side", "0")
        assert code == 0
        assert answers(out)["min cut"] == "2"

    def test_an_element_read_twice_counts_by_readings(self, run, tmp_path):
        b = tnet.NetworkBuilder()
        b.indices("x", 4, 2, role="input", modes=[0, 0, 1, 1])
        b.tensor("t", ["x[0]", "x[1]", "x[2]", "x[3]"])
        path = tnet.save(b.build(), tmp_path / "twice.json")
        out = run("entangle", path, "--side", "0", "--certify")[1]
        readings = "of the coefficients, one axis per reading: 2 against 2 readings"
        assert out.startswith(f"{readings}, random weights, seed 0\n")
        assert answers(out)["largest Schmidt number"] == "4"
        out = run("cut", path, "--side", "0", "--certify")[1]
        assert f"\nSchmidt number at most 4, min cut 4  ({readings}; exact by" in out
        assert f"\nlargest Schmidt number 4  ({readings}; exact by theorem)" in out
        assert "one axis per reading" in out.splitlines()[-1]
        assert "every element is read once" not in out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["none.toml", "--side", "0"], "none.toml: No such file or directory"),
            (["line.toml"], "Missing option '--side'"),
            (["line.toml", "--side", "16"], "leaves the modes 0..15"),
            (["line.toml", "--side", "0", "--output", "2"], "the network has outputs 0..1"),
            (["line.toml", "--side", "0", "--output", "-1"], "Invalid value for '--output'"),
            (["line.toml", "--side", "0", "--seed", "-1"], "Invalid value for '--seed'"),
            (["line.toml", "--side", "0", "--draws", "3"], "--draws is about --certify"),
            (
                ["line.toml", "--side", "0", "--seed", "1", "--parameters", "other.npz"],
                "--parameters and --seed are two sources of weights; give one",
            ),
            (
                ["line.toml", "--side", "0", "--parameters", "none.npz"],
                "none.npz: No such file or directory",
            ),
            (
                ["line.toml", "--side", "0", "--parameters", "line.toml"],
                "line.toml: not a complete npz archive",
            ),
            (["line.toml", "--side", "0", "--parameters", "other.npz"], "other.npz: "),
            (["max.toml", "--side", "0"], "operator 'max' and no coefficient tensor"),
        ],
    )
    def test_bad_input_is_one_line_and_status_2_and_writes_nothing(
        self, run, line, monkeypatch, arguments, message
    ):
        folder = line.parent
        monkeypatch.chdir(folder)
        (folder / "max.toml").write_text(LINE + 'operator = "max"\n')
        other = tnet.ConvNet(8, features=2, widths=(2, 4, 4)).compile()
        tnet.save_parameters(other, tnet.random_parameters(other), folder / "other.npz")
        before = sorted(folder.iterdir())
        code, out, err = run("entangle", *arguments)
        assert (code, out) == (2, "")
        assert err.startswith("tnet: ")
        assert message in err
        assert err.count("\n") == 1
        assert sorted(folder.iterdir()) == before

    def test_help_teaches_by_example(self, run):
        lines = run("entangle", "--help")[1].splitlines()
        examples = lines[lines.index("  Examples:") + 1 :]
        assert len(examples) == 3
        assert all(line.startswith("    tnet entangle arch.toml ") for line in examples)
        assert any("tnet entangle" in line for line in run("--help")[1].splitlines())


class TestCertify:
    def test_an_interval_says_why_it_is_open(self, run, loose):
        code, out, err = run("cut", loose, "--side", LOOSE_SIDE, "--certify")
        assert (code, err) == (0, "")
        assert out.startswith("min cut 24 = x^3·r1  (9 against 7 inputs; upper bound)\n")
        assert "\nSchmidt number at most 22, min cut 24  (9 against 7 inputs" in out
        assert "\nlargest Schmidt number 21 to 22  (9 against 7 inputs; an interval after 2" in out
        assert "2 draws did not close the interval" in out

    def test_a_certificate_says_what_was_drawn(self, run, loose):
        out = run("cut", loose, "--side", "left-right", "--certify")[1]
        assert "\nlargest Schmidt number 3  (8 against 8 inputs; exact by certificate)\n" in out
        assert "have rank 3 modulo 4058141 on products of 11 and 11 probes" in out

    def test_a_theorem_needs_no_draw(self, run, line):
        out = run("cut", line, "--side", "odd-even", "--certify", "--draws", "0")[1]
        assert "\nlargest Schmidt number 256  (8 against 8 inputs; exact by theorem)\n" in out

    def test_json_is_the_interval_of_the_same_side(self, run, loose):
        network = tnet.load_spec(loose).compile()
        for side, modes in (LOOSE_SIDE, [1, 2, 3, 4, 5, 7, 12, 13, 15]), ("left-right", range(8)):
            options = ["--side", side, "--certify", "--json"]
            document = json.loads(run("cut", loose, *options)[1])
            expected = max_schmidt_number(network, modes)
            found = document["max_schmidt_number"]
            assert (found["lower"], found["upper"]) == (expected.lower, expected.upper)
            assert found["exact"] == expected.exact
            assert found["claim"]["reason"] == expected.claim.reason
            assert found["certificate"]["prime"] == expected.certificate.prime
            assert document["schmidt_bound"] == str(expected.upper)
            assert document["dimension"] == expected.bound.cut.dimension

    def test_json_without_it_has_no_interval(self, run, line):
        document = json.loads(run("cut", line, "--side", "left-right", "--json")[1])
        assert "max_schmidt_number" not in document
        assert "schmidt_bound" not in document

    def test_fewer_draws(self, run, loose):
        out = run("cut", loose, "--side", LOOSE_SIDE, "--certify", "--draws", "0")[1]
        assert "largest Schmidt number 1 to 22" in out
        assert "an interval after 0 draws" in out

    @pytest.mark.parametrize(
        ("content", "options", "message"),
        [
            (LINE, ["--draws", "1"], "--draws is about --certify; add it"),
            (LINE, ["--certify", "--draws", "-1"], "Invalid value for '--draws'"),
            (LINE + 'operator = "sum"\n', ["--certify"], "'sum' and no coefficient tensor"),
            (
                LINE.replace("16", "1024").replace("[2, 4, 4, 4]", "[3, 3, 3, 3, 3]")
                + "window = 4\nshared = true\n",
                ["--certify"],
                "random products takes 2^",
            ),
        ],
    )
    def test_bad_input_is_one_line_and_status_2(self, run, tmp_path, content, options, message):
        path = tmp_path / "net.toml"
        path.write_text(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code, out, err = run("cut", path, "--side", "odd-even", *options)
        assert (code, out) == (2, "")
        assert message in err
        assert err.count("\n") == 1

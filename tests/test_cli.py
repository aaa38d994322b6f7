"""The command line as a person meets it: output, files, and one line where input is bad."""

import json
import subprocess
import sys

import pytest

import tnet

LINE = 'architecture = "ConvNet"\ninputs = 16\nfeatures = 2\nwidths = [2, 4, 4, 4]\n'
GRID = LINE.replace("inputs = 16", "inputs = [4, 4]").replace("[2, 4, 4, 4]", "[2, 4]")


@pytest.fixture
def line(tmp_path):
    path = tmp_path / "line.toml"
    path.write_text(LINE)
    return path


def test_cut_prints_dimension_factors_and_claim(run, line):
    code, out, err = run("cut", line, "--side", "odd-even")
    assert (code, err) == (0, "")
    assert out.startswith("min cut 256 = r0^8  (8 against 8 inputs; exact by theorem)\n")
    assert "r0           dim 2              8 indices         8 cut" in out
    assert "r0[0], r0[1]" in out
    assert "arXiv:1704.01552" in out


@pytest.mark.parametrize(
    ("side", "modes"),
    [
        ("left-right", range(8)),
        ("odd-even", range(0, 16, 2)),
        ("blocks:2", [0, 1, 4, 5, 8, 9, 12, 13]),
        ("0-3, 8", [0, 1, 2, 3, 8]),
        ("random:3", None),
        ("centre", range(4, 12)),
    ],
)
def test_json_is_the_cut_of_the_same_side(run, line, side, modes):
    code, out, _ = run("cut", line, "--side", side, "--json")
    document = json.loads(out)
    network = tnet.load_spec(line).compile()
    chosen = tnet.partitions.random_balanced(16, seed=3) if modes is None else list(modes)
    expected = tnet.min_cut(network, chosen)
    assert code == 0
    assert document["dimension"] == expected.dimension
    assert document["factors"] == expected.factors
    assert document["claim"]["kind"] == expected.claim.kind
    assert document["inputs_on_side_a"] == int(expected.side_a.sum())


def test_json_of_a_dimension_beyond_exact_numbers_tells_factors(run, tmp_path):
    path = tmp_path / "long.toml"
    path.write_text(
        'architecture = "ConvNet"\ninputs = 256\nfeatures = 10\n'
        "widths = [10, 10, 10, 10, 10, 10, 10, 10]\n"
    )
    document = json.loads(run("cut", path, "--side", "odd-even", "--json")[1])
    assert document["dimension"] is None
    assert document["dimension_text"] == "10^128 (2^425.2)"
    assert document["factors"] == {"r0": 128}
    assert document["dims"] == {"r0": 10}


def test_a_saved_network_is_a_subject_too(run, tmp_path):
    network = tnet.from_einsum("ab,bc,ca->abc", (2, 3), (3, 4), (4, 2))
    path = tnet.save(network, tmp_path / "ring.json")
    code, out, _ = run("cut", path, "--side", "0", "--method", "flow")
    assert code == 0
    assert out.startswith("min cut 2 = a")


def test_plan_prints_a_report_and_json(run, line):
    code, out, _ = run("plan", line)
    assert code == 0
    assert out.startswith("plan to evaluate: 47 operands, 46 steps")
    document = json.loads(run("plan", line, "--batch", "64", "--json")[1])
    assert document["flops"] == tnet.plan(tnet.load_spec(line).compile()).flops_for(64)
    assert len(document["path"]) == document["steps"] == 46
    assert (document["slices"], document["examples_at_once"]) == (1, 64)


def test_plan_keeps_a_memory_limit_or_says_the_least_that_does(run, line):
    limited = json.loads(run("plan", line, "--batch", "64", "--memory-limit", "3000", "--json")[1])
    assert limited["peak_bytes"] <= 3000
    assert 1 <= limited["examples_at_once"] < 64
    code, out, err = run("plan", line, "--memory-limit", "10")
    assert (code, out) == (2, "")
    assert "memory_limit is 10 bytes" in err
    assert "give at least" in err


def test_draw_writes_the_picture_it_names(run, tmp_path):
    spec = tmp_path / "grid.toml"
    spec.write_text(GRID)
    for suffix, magic in (("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        path = tmp_path / f"net.{suffix}"
        code, out, _ = run("draw", spec, "--side", "checkerboard", "-o", path)
        assert (code, out) == (0, f"wrote {path}\n")
        assert magic in path.read_bytes()[:200]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cut", "none.toml", "--side", "left-right"], "none.toml: No such file or directory"),
        (["cut", "line.txt", "--side", "left-right"], "line.txt: suffix '.txt' says neither"),
        (["cut", "line.toml"], "Missing option '--side'"),
        (["cut", "line.toml", "--side", "diagonal"], "--side 'diagonal': 'diagonal' is neither"),
        (["cut", "line.toml", "--side", "12-16"], "leaves the modes 0..15"),
        (["cut", "line.toml", "--side", "3,3"], "repeats a mode"),
        (["cut", "line.toml", "--side", "top-bottom"], "a line of 16 inputs has no top and bottom"),
        (["cut", "line.toml", "--side", "blocks:0"], "block size 0"),
        (["cut", "line.toml", "--side", "0", "--method", "magic"], "Invalid value for '--method'"),
        (["plan", "line.toml", "--optimize", "magic"], "there is no optimizer 'magic'"),
        (["plan", "broken.toml"], "broken.toml: field 'width' is not known"),
        (["draw", "line.toml", "-o", "net.gif"], ".svg, .png"),
        (["draw", "line.toml", "-o", "nowhere/net.svg"], "'nowhere' does not exist"),
        (["draw", "line.toml", "-o", ""], "the name of the file is empty; give one"),
        (
            ["cut", "line.toml", "--side", "0", "--side", "1"],
            "--side is given twice, as '0' and '1'; give it once",
        ),
        (
            ["draw", "line.toml", "--side", "0", "--side", "0", "-o", "a.svg"],
            "--side is given twice",
        ),
        (["paint"], "No such command 'paint'"),
    ],
)
def test_bad_input_is_one_line_and_status_2_and_writes_nothing(
    run, line, monkeypatch, arguments, message
):
    monkeypatch.chdir(line.parent)
    (line.parent / "line.txt").write_text(LINE)
    (line.parent / "broken.toml").write_text(LINE + "width = 3\n")
    before = sorted(line.parent.iterdir())
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("tnet: ")
    assert message in err
    assert err.count("\n") == 1
    assert sorted(line.parent.iterdir()) == before


def test_a_truncated_network_is_refused(run, tmp_path):
    path = tnet.save(tnet.from_einsum("ab->ab", (2, 3)), tmp_path / "net.json")
    path.write_bytes(path.read_bytes()[:-20])
    code, _, err = run("cut", path, "--side", "0")
    assert code == 2
    assert "not a complete tnet network" in err


def test_help_shows_examples_and_the_version(run):
    for command in ([], ["cut"], ["plan"], ["draw"]):
        lines = run(*command, "--help")[1].splitlines()
        examples = lines[lines.index("  Examples:") + 1 :]
        assert examples
        assert all(line.startswith("    tnet ") for line in examples)
    assert run("--version")[1] == f"tnet, version {tnet.__version__}\n"
    assert run()[0] == 2


def test_the_installed_command_runs(line):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from tnet.cli.main import main; main()",
            "cut",
            line,
            "--side",
            "0",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("min cut 2 = r0  (1 against 15 inputs")


def test_cut_as_a_formula(run, line):
    out = run("cut", line, "--side", "left-right", "--formula")[1]
    assert "  for any dims: min(x**8, r0**4, r1**2, r2, r3)\n" in out
    assert "any narrower lowers the cut" in out
    document = json.loads(run("cut", line, "--side", "odd-even", "--formula", "--json")[1])
    assert document["formula"] == "min(x**8, r0**8)"


def test_profile_prints_a_table_and_draws(run, line, tmp_path):
    curves, heat_map = tmp_path / "curves.svg", tmp_path / "map.png"
    code, out, _ = run("profile", line, "-o", curves, "--map", heat_map)
    assert code == 0
    profile = tnet.cut_profile(tnet.load_spec(line).compile())
    row = next(row for row in out.splitlines() if row.split()[:1] == ["8"])
    assert [float(cell) for cell in row.split()[1:]] == pytest.approx(
        [profile.least[7], profile.median[7], profile.largest[7]]
    )
    assert curves.read_text().startswith("<svg")
    assert heat_map.read_bytes().startswith(b"\x89PNG")
    document = json.loads(run("profile", line, "--json")[1])
    assert document["largest_log2"] == pytest.approx(profile.largest.tolist())


def test_design_prints_widths_that_reach_the_targets(run, line):
    code, out, _ = run("design", line, "--target", "odd-even=8", "--target", "left-right=2")
    assert code == 0
    assert out.startswith("widths = [2, 2, 4, 4]\n")
    assert "odd-even       asked 2^8, cut 256" in out
    arguments = ["--target", "odd-even=8", "--target", "left-right=2", "--budget", "90", "--json"]
    document = json.loads(run("design", line, *arguments)[1])
    assert document["n_parameters"] <= 90
    assert document["ratio"] < 1
    assert [target["asked_log2"] for target in document["targets"]] == [8, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "odd-even"], "--target 'odd-even' has no =LOG2; write the side and the"),
        (["--target", "odd-even=six"], "'six' is not a number; write SIDE=LOG2"),
        (["--target", "odd-even=9"], "but features=2 caps that partition at 2^8"),
        (["--target", "nowhere=1"], "--side 'nowhere': 'nowhere' is neither"),
        (["--target", "odd-even=1", "--budget", "5"], "widths of 1 already take"),
        ([], "Missing option '--target'"),
    ],
)
def test_designs_that_cannot_be_are_one_line(run, line, arguments, message):
    code, out, err = run("design", line, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_redundant_width_is_one_line_of_warning(run, tmp_path):
    path = tmp_path / "shared.toml"
    eight = LINE.replace("inputs = 16", "inputs = 8").replace("[2, 4, 4, 4]", "[2, 4, 4]")
    path.write_text(eight + "shared = true\n")
    code, out, err = run("cut", path, "--side", "left-right")
    assert code == 0
    assert out.startswith("min cut 4 = r2")
    assert "  as weights are shared: Schmidt number at most 3\n" in out
    assert json.loads(run("cut", path, "--side", "left-right", "--json")[1])["schmidt_bound"] == "3"
    assert err.startswith("tnet: warning: of the 4 channels of level 1 at most 3")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (["-o", "a.svg", "--map", "b.gif"], "'b.gif' ends in '.gif'"),
        (["-o", "none/a.svg"], "folder 'none' does not exist"),
        (["-o", "a.svg", "--map", "a.svg"], "need a file each"),
    ],
)
def test_a_profile_checks_its_files_before_it_starts(run, line, monkeypatch, pictures, message):
    monkeypatch.chdir(line.parent)
    code, out, err = run("profile", line, *pictures)
    assert (code, out) == (2, "")
    assert message in err
    assert [path.name for path in line.parent.iterdir()] == ["line.toml"]


def test_a_design_names_the_target_that_was_typed_and_is_valid_json(run, line):
    err = run("design", line, "--target", "odd-even=1", "--target", "left-right=9")[2]
    assert "line.toml: --target 'left-right=9' asks a cut of 2^9" in err
    out = run("design", line, "--target", "left-right=0", "--json")[1]
    assert json.loads(out, parse_constant=pytest.fail)["ratio"] is None
    assert "no widths to choose" in run("design", "net.json", "--target", "0=1")[2]


@pytest.mark.parametrize(
    ("side", "message"),
    [("5-3", "runs backwards"), ("0,0", "repeats a mode"), ("16", "leaves the modes 0..15")],
)
def test_a_side_says_what_is_wrong_with_it(run, line, side, message):
    assert message in run("cut", line, "--side", side)[2]


def test_a_table_where_a_number_belongs_is_called_a_table(run, tmp_path):
    path = tmp_path / "table.toml"
    path.write_text(LINE.replace("features = 2", "features = {a = 2}"))
    err = run("cut", path, "--side", "0")[2]
    assert "field 'features'" in err
    assert "`table`" in err
    assert "object" not in err


def test_columns_stay_columns_whatever_the_dims_and_names(run, tmp_path):
    builder = tnet.NetworkBuilder()
    builder.index("a", 10**20, role="input")
    builder.index("a_name_of_many_letters", 2, role="input")
    builder.tensor("t", ["a", "a_name_of_many_letters"])
    out = run("cut", tnet.save(builder.build(), tmp_path / "net.json"), "--side", "0")[1]
    rows = [line for line in out.splitlines() if " dim " in line]
    assert len(rows) == 2
    assert len({line.index(" dim ") for line in rows}) == 1
    assert len({line.index(" index ") for line in rows}) == 1
    assert len({len(line) for line in rows}) == 1

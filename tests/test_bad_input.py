"""Every bad input gets a message with the rule, what was found, where, and what to do next."""

import numpy as np
import pytest

import tnet
from tnet import ConvNet, IndexGroup, NetworkBuilder, TensorGroup, TensorNetwork
from tnet.errors import (
    DimensionError,
    GeometryError,
    ParameterError,
    PartitionError,
    SpecError,
    StructureError,
    TNetError,
    UnknownNameError,
)

# What each class of error is besides, so that callers need not import it.
BUILTIN = {
    DimensionError: ValueError,
    GeometryError: ValueError,
    ParameterError: ValueError,
    PartitionError: ValueError,
    SpecError: ValueError,
    StructureError: ValueError,
    UnknownNameError: LookupError,
}


def refuses(error, message, action):
    with pytest.raises(error, match=message) as caught:
        action()
    assert isinstance(caught.value, TNetError)
    assert isinstance(caught.value, BUILTIN[error])
    text = str(caught.value)
    assert "\n" not in text
    assert len(text) < 400


# --- sides ---------------------------------------------------------------------------------------

GRID = ConvNet((2, 4), features=3, widths=(2, 5)).compile()


@pytest.mark.parametrize("method", ["auto", "flow"])
@pytest.mark.parametrize(
    ("side", "error", "message"),
    [
        ([0, 8], PartitionError, r"contains mode 8; the network has modes 0\.\.7"),
        ([-1], PartitionError, r"contains mode -1; the network has modes 0\.\.7"),
        ([3, 3], PartitionError, r"contains mode 3 twice \(3\); list it once"),
        ([3, "x[3]"], PartitionError, r"contains mode 3 twice \('x\[3\]'\)"),
        (np.zeros(7, bool), PartitionError, r"shape \(8,\) or \(2, 4\); got shape \(7,\)"),
        (np.zeros((4, 2), bool), PartitionError, r"shape \(8,\) or \(2, 4\); got shape \(4, 2\)"),
        ([True] * 5, PartitionError, r"got shape \(5,\)"),
        (np.zeros(8), PartitionError, r"contains 0\.0 of type float; .*astype\(bool\)"),
        (np.zeros(8, int), PartitionError, r"mode 0 twice .* flags of 0 and 1, .*astype\(bool\)"),
        ([1, True], PartitionError, r"contains True of type bool; list mode numbers"),
        ([[0, 1], [2]], PartitionError, r"contains \[0, 1\] of type list"),
        ([None], PartitionError, "contains None of type NoneType"),
        ("x[0]", PartitionError, r"is the string 'x\[0\]'; give a list of input names"),
        (3, PartitionError, "side_a is 3 of type int; give a bool array"),
        (None, PartitionError, "side_a is None of type NoneType"),
        (["pixel"], UnknownNameError, "no index is called 'pixel'; the groups are x, r0, r1"),
        (["x"], UnknownNameError, r"group 'x' has rows x\[0\] to x\[7\]"),
        (["x[8]"], UnknownNameError, r"group 'x' has rows x\[0\] to x\[7\]"),
        (["r0[0]"], UnknownNameError, r"'r0\[0\]' is not an input; the inputs are in groups x"),
    ],
)
def test_a_side_that_is_no_set_of_inputs(side, error, message, method):
    refuses(error, message, lambda: tnet.min_cut(GRID, side, method=method))


# --- dims ----------------------------------------------------------------------------------------

BAD_DIMS = [0, -3, 2.5, 2.0, True, np.True_, "3", None, np.float64(2), float("inf")]


@pytest.mark.parametrize("dim", BAD_DIMS, ids=repr)
def test_a_dim_that_is_no_positive_integer(dim):
    message = r"must be an integer of at least 1; got "
    refuses(
        DimensionError,
        rf"dim of index group 'a' {message}",
        lambda: NetworkBuilder().index("a", dim),
    )
    refuses(DimensionError, message, lambda: tnet.from_einsum("ab->ab", (3, dim)))
    refuses(DimensionError, message, lambda: IndexGroup("a", 2, count=dim))
    refuses(DimensionError, message, lambda: IndexGroup("a", 2, multiplicity=dim))
    for field in ("features", "outputs"):
        options = {"features": 2, "widths": (2,)} | {field: dim}
        refuses(SpecError, f"{field} {message}", lambda options=options: ConvNet(2, **options))
    refuses(
        SpecError, f"width of level 1 {message}", lambda: ConvNet(4, features=2, widths=(2, dim))
    )


def test_an_index_with_two_dims_in_an_equation():
    refuses(
        DimensionError,
        "index 'b' has dim 3 in operand 0 but 4 in operand 1; give both the same dim or rename one",
        lambda: tnet.from_einsum("ab,bc->ac", (2, 3), (4, 2)),
    )
    refuses(
        DimensionError,
        "index 'a' has dim 2 in operand 0 but 3 in operand 0",
        lambda: tnet.from_einsum("aa->a", (2, 3)),
    )


def test_a_group_whose_axis_meets_two_dims():
    builder = NetworkBuilder()
    builder.index("a", 2, role="input")
    builder.index("b", 3, role="input")
    builder.index("c", 3)
    builder.tensors("T", [[0, 2], [1, 2]])
    refuses(
        DimensionError,
        "axis 0 of tensor group 'T' meets index 'a' of dim 2 in row 0 but 'b' of dim 3 in row 1; .*"
        "split the group or give both the same dim",
        builder.build,
    )


def test_readings_of_one_element_with_two_dims():
    builder = NetworkBuilder()
    builder.index("a", 2, role="input", mode=0)
    builder.index("b", 3, role="input", mode=0)
    builder.tensor("T", ["a", "b"])
    refuses(
        DimensionError, r"element 0 is read by indices of dims \[2, 3\]; .* one dim", builder.build
    )


# --- building ------------------------------------------------------------------------------------


def line():
    builder = NetworkBuilder()
    builder.indices("x", 3, 2, role="input")
    builder.index("h", 4)
    return builder


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (
            lambda b: b.tensor("T", ["x[0]", "g"]),
            UnknownNameError,
            r"tensor 'T' names index 'g', which is not declared; call index\('g', dim\) before it",
        ),
        (lambda b: b.tensor("T", ["x"]), UnknownNameError, r"has rows x\[0\] to x\[2\]; name one"),
        (
            lambda b: b.tensor("T", ["x[3]"]),
            UnknownNameError,
            r"names index 'x\[3\]', but group 'x'",
        ),
        (lambda b: b.tensor("T", [4]), UnknownNameError, "index id 4, but 4 indices are declared"),
        (lambda b: b.tensor("T", [-1]), UnknownNameError, "index id -1, but 4 indices"),
        (lambda b: b.tensors("T", [[0, 9]]), UnknownNameError, "index id 9, but 4 indices"),
        (lambda b: b.tensor("T", [0.5]), StructureError, r"index of tensor 'T'.*integer; got 0\.5"),
        (lambda b: b.tensor("T", [None]), StructureError, "index of tensor 'T'.* got None"),
        (lambda b: b.tensor("T", [True]), StructureError, "index of tensor 'T'.* got True"),
        (
            lambda b: b.tensors("T", [0, 1]),
            StructureError,
            r"rows of tensor group 'T' must be an integer array of 2 axes; got .* shape \(2,\)",
        ),
        (lambda b: b.tensors("T", [[0.0]]), StructureError, "got dtype float64"),
        (lambda b: b.tensors("T", [["x[0]"]]), StructureError, "must be an integer array"),
        (lambda b: b.tensors("T", np.zeros((0, 2), int)), StructureError, "'T' has no tensor"),
        (lambda b: b.index("h", 4), StructureError, "index 'h' is declared twice; rename one"),
        (
            lambda b: [b.tensor("T", ["h"]), b.tensor("T", ["h"])],
            StructureError,
            "tensor 'T' is declared twice; rename one",
        ),
        (lambda b: b.index("h[0]", 4), StructureError, r"'h\[0\]' contains a bracket; .* reserved"),
        (lambda b: b.tensor("T]", ["h"]), StructureError, r"'T\]' contains a bracket"),
        (lambda b: b.index("", 4), StructureError, "a name must be a non-empty string; got ''"),
        (lambda b: b.index(7, 4), StructureError, "a name must be a non-empty string; got 7"),
        (
            lambda b: b.index("k", 4, role="open"),
            StructureError,
            "role 'open'; choose input, inner",
        ),
        (lambda b: b.index("k", 4, operator="min"), StructureError, "'min'; choose one of product"),
        (lambda b: b.tensor("T", ["h"], operator="min"), StructureError, "'T' has operator 'min'"),
        (
            lambda b: b.tensor("T", ["h"], root_axis=1),
            StructureError,
            r"root_axis 1; .* axes 0\.\.0",
        ),
        (lambda b: b.tensor("T", ["h"], root_axis=True), StructureError, "root_axis .* got True"),
        (lambda b: b.tensor("T", ["h"], layer="top"), StructureError, "layer .* got 'top'"),
        (lambda b: b.tensor("T", ["h"], parameter=3), StructureError, "'T' has parameter 3"),
        (lambda b: b.tensors("T", [[3]], shared=1), StructureError, "shared 1; give True or False"),
        (lambda b: b.index("k", 2, mode=0), StructureError, "role 'inner' and reads no element"),
        (
            lambda b: b.indices("k", 2, 2, role="input", modes=[3]),
            StructureError,
            "modes of 'k' must be 2 mode numbers, 0 or larger, one per index; got 1: 3",
        ),
        (lambda b: b.index("k", 2, role="input", mode=-1), StructureError, "got 1: -1"),
        (lambda b: b.index("k", 2, role="input", mode=0.5), StructureError, "modes of 'k' must be"),
    ],
)
def test_a_part_that_cannot_be_declared(action, error, message):
    refuses(error, message, lambda: action(line()))


@pytest.mark.parametrize(
    ("finish", "shape", "error", "message"),
    [
        (
            lambda b: b.tensor("T", [0, 1, 2]),
            None,
            StructureError,
            "index 'h' is in no tensor; let",
        ),
        (
            lambda b: [
                b.index("late", 2, role="input", mode=5),
                b.tensor("T", range(5)),
            ],
            None,
            StructureError,
            r"input_shape \(6,\) has 6 elements, but no index reads mode 3; give every element",
        ),
        (
            lambda b: b.tensor("T", range(4)),
            (2, 2),
            StructureError,
            r"input_shape \(2, 2\) has 4 elements, but no index reads mode 3",
        ),
        (
            lambda b: b.tensor("T", range(4)),
            (2,),
            StructureError,
            r"a reading reads mode 2, but input_shape \(2,\) has modes 0\.\.1",
        ),
        (lambda b: b.tensor("T", range(4)), (10**13,), StructureError, "no index reads mode 3"),
        (
            lambda b: b.tensor("T", range(4)),
            (3, 0),
            DimensionError,
            r"side of input_shape \(3, 0\)",
        ),
        (lambda b: b.tensor("T", range(4)), (1.5, 2), DimensionError, r"at least 1; got 1\.5"),
        (lambda b: b.tensor("T", range(4)), ("3",), DimensionError, "at least 1; got '3'"),
        (lambda b: b.tensor("T", range(4)), 3, StructureError, "input_shape is 3; give a tuple"),
        (
            lambda b: [
                b.tensor("T", ["h", "x[0]"], parameter="W"),
                b.tensor("U", [1, 2, 3], parameter="W"),
            ],
            None,
            ParameterError,
            r"groups 'T' and 'U' take one parameter 'W', but shapes \(4, 2\) and \(2, 2, 4\)",
        ),
        (
            lambda b: [
                b.tensors("T", [[0], [1]], parameter="W"),
                b.tensors("U", [[2]], parameter="W"),
                b.tensor("V", ["h"]),
            ],
            None,
            ParameterError,
            r"'T' and 'U' take one parameter 'W', but shapes \(2, 2\) and \(1, 2\)",
        ),
    ],
)
def test_parts_that_do_not_fit_together(finish, shape, error, message):
    builder = line()
    finish(builder)
    refuses(error, message, lambda: builder.build(shape))


A, B = IndexGroup("a", 2, 2, role="input"), IndexGroup("b", 2, role="output")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"index_groups": (A, A)}, "two index groups are called 'a'; rename one"),
        (
            {"tensor_groups": (TensorGroup("T", [[0, 1, 2]]),) * 2},
            "two tensor groups are called 'T'",
        ),
        (
            {"tensor_groups": (TensorGroup("T", [[0, 1], [2, 3]]),)},
            r"tensor group 'T' names index id 3 in row 1, axis 1; ids are 0\.\.2",
        ),
        ({"inputs": [0]}, r"inputs must list every index of role 'input' once; got 1 ids"),
        ({"inputs": [0, 2]}, "inputs must list every index of role 'input' once"),
        ({"inputs": [0, 0]}, r"got 2 ids \(1 distinct\) for 2 such indices"),
        ({"outputs": []}, "outputs must list every index of role 'output' once"),
        ({"input_modes": [0]}, "input_modes has 1 entries for 2 inputs; give one mode per reading"),
        ({"input_modes": [0, -1]}, "a reading reads mode -1"),
        ({"input_modes": [0.0, 1.0]}, "input_modes must be an integer array of 1 axes; got dtype"),
        ({"inputs": [0, 2**40]}, "inputs must fit in 32 bits; got 0 to 1099511627776"),
    ],
)
def test_columns_that_do_not_fit_together(fields, message):
    whole = {"index_groups": (A, B), "tensor_groups": (TensorGroup("T", [[0, 1, 2]]),)}
    TensorNetwork(**whole)
    refuses(StructureError, message, lambda: TensorNetwork(**whole | fields))


# --- equations and graphs ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ab,bc->ac", [(2, 3)], "has 2 operands but 1 are given; give one shape or array for each"),
        (
            "ab->ab",
            [(2, 3, 4)],
            r"operand 0 is written 'ab', of order 2, but has shape \(2, 3, 4\)",
        ),
        ("ab->ac", [(2, 3)], "keeps 'c', which no operand has; remove it"),
        ("ab->aa", [(2, 3)], "keeps 'a' twice; keep it once"),
        ("a...->a", [(2, 3)], r"contains '\.', which is not an index; .* \(no ellipsis\)"),
        ("ab->a->b", [(2, 3)], "contains '-', which is not an index; .* at most one arrow"),
        ("a[->a", [(2, 3)], r"contains '\[', which is not an index"),
        ("ab->a,b", [(2, 3)], "contains ',', which is not an index"),
        ("ab->ab", ["23"], "operand 0 is '23'; give a shape such as"),
        ("a->a", [3], "operand 0 is 3; give a shape such as"),
    ],
)
def test_an_equation_that_cannot_be_read(equation, shapes, message):
    refuses(StructureError, message, lambda: tnet.from_einsum(equation, *shapes))


def test_a_graph_that_is_no_network():
    nx = pytest.importorskip("networkx")
    plain = nx.Graph([("u", "v", {"dim": 2})])
    refuses(
        StructureError,
        "undirected graph; call graph.to_undirected",
        lambda: tnet.from_graph(nx.DiGraph()),
    )
    refuses(
        StructureError,
        "edge 'u'-'v' has no attribute 'size'; set it to the dim of the bond, or name another",
        lambda: tnet.from_graph(plain, "size"),
    )
    refuses(
        DimensionError,
        "dim of index group 'u-v' must be an integer of at least 1; got '2'",
        lambda: tnet.from_graph(nx.Graph([("u", "v", {"dim": "2"})])),
    )
    refuses(
        StructureError,
        "tensor '1' is declared twice",
        lambda: tnet.from_graph(nx.Graph([(1, "1", {"dim": 2})])),
    )
    refuses(StructureError, "tnet_format None.* use from_graph", lambda: tnet.from_networkx(plain))


# --- specs ---------------------------------------------------------------------------------------

TREE = tnet.ModeTree.from_nested(((0, 1), (2, 3)))


@pytest.mark.parametrize(
    ("inputs", "changes", "error", "message"),
    [
        (
            8,
            {"widths": (2, 2)},
            SpecError,
            r"2 entries for 3 levels \(windows by level: 4 > 2 > 1\)",
        ),
        (
            8,
            {"widths": (2,) * 4},
            SpecError,
            r"4 entries for 3 levels .*; give one width per level",
        ),
        (8, {"widths": "222"}, SpecError, "widths is '222'; give a sequence, one int per level"),
        (8, {"widths": 2}, SpecError, "widths is 2; give a sequence"),
        (
            8,
            {"pooling": "max"},
            SpecError,
            "pooling is 'max'; choose one of square, sequential, mirr",
        ),
        (8, {"pooling": None}, SpecError, "pooling is None; choose one of .*, or a ModeTree"),
        (8, {"pooling": ((0, 1), 2)}, SpecError, "choose one of .*, or a ModeTree"),
        (8, {"pooling": TREE}, SpecError, "a tree of 4 modes, but inputs 8 are 8 elements"),
        ((2, 4), {"pooling": TREE}, SpecError, "a tree of 4 modes, but inputs 2x4 are 8 elements"),
        (4, {"pooling": TREE, "window": 4}, SpecError, "window is 4, but pooling a ModeTree knows"),
        (
            4,
            {"pooling": "mirror", "window": 4},
            SpecError,
            "window is 4, but pooling mirror .* leave",
        ),
        (4, {"pooling": "global", "window": (2, 2)}, SpecError, "but pooling global knows its own"),
        (4, {"pooling": "mirror", "window": np.array([2])}, SpecError, "but pooling mirror knows"),
        (8, {"operator": "min"}, SpecError, "operator is 'min'; choose one of product, max, sum"),
        (8, {"operator": ["max"]}, SpecError, "operator is .*; choose one of product"),
        (8, {"shared": 1}, SpecError, "shared is 1; give True or False"),
        (8, {"shared": "no"}, SpecError, "shared is 'no'; give True or False"),
        (6, {"window": 4}, GeometryError, "window 4 of level 0 does not divide the 6 grid"),
        (8, {"window": (2, 2)}, GeometryError, r"leave a grid of 2; add levels until one element"),
        (8, {"window": (2, 2, 2, 1)}, SpecError, r"3 entries for 4 levels .*4 > 2 > 1 > 1\)"),
        (1, {"widths": ()}, SpecError, "no window, so the network has no level; use at least 2"),
        (0, {}, GeometryError, "inputs must be a positive integer or a tuple of them; got 0"),
        (2.5, {}, GeometryError, r"inputs must be a positive integer .* got 2\.5"),
        ("8", {}, GeometryError, "inputs must be a positive integer .* got '8'"),
        (None, {}, GeometryError, "inputs must be a positive integer .* got None"),
    ],
)
def test_a_spec_with_a_field_that_cannot_be(inputs, changes, error, message):
    fields = {"features": 2, "widths": (2, 2, 2)} | changes
    refuses(error, message, lambda: ConvNet(inputs, **fields))


def test_a_spec_of_thousands_of_levels_still_has_a_short_message():
    nested = 0
    for level in range(3_000):
        nested = (nested, level + 1)
    tree = tnet.ModeTree.from_nested(nested)
    refuses(
        SpecError,
        r"2 entries for 3000 levels .* 2,975 more levels \.\.\.",
        lambda: ConvNet(3_001, features=2, widths=(2, 2), pooling=tree),
    )


def test_parameters_of_no_floating_dtype():
    refuses(
        ParameterError,
        "random parameters need a floating dtype; got int64",
        lambda: tnet.random_parameters(GRID, dtype="int64"),
    )


@pytest.mark.parametrize("seed", [-1, 1.5, None, "a", True])
def test_seeds_that_are_none(seed):
    refuses(
        ParameterError, "seed is .*; give a whole", lambda: tnet.random_parameters(GRID, seed=seed)
    )


@pytest.mark.parametrize("parameters", [None, [np.ones(2)], "weights.npz"])
def test_parameters_that_are_no_mapping(parameters):
    refuses(
        ParameterError,
        "give a mapping of one array per name",
        lambda: tnet.contract(tnet.from_einsum("ab->ab", (2, 2)), parameters),
    )


@pytest.mark.parametrize("question", [tnet.min_cut, tnet.min_cuts, tnet.schmidt_bound])
def test_a_spec_in_the_place_of_its_network_is_told_to_compile(question):
    spec = tnet.ConvNet(4, features=2, widths=(2, 2))
    with pytest.raises(
        AttributeError, match=r"'ConvNet' object has no attribute '\w+'; call .compile\(\)"
    ):
        question(spec, np.zeros((1, 4), dtype=bool))

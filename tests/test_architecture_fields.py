"""Fields of the specs: bad values are answered, files say all of them."""

import dataclasses

import pytest

import tnet
from tnet.architectures.cp import CP
from tnet.architectures.deep_recurrent import DeepRecurrent
from tnet.architectures.dilated import Dilated
from tnet.architectures.hierarchical_tucker import HierarchicalTucker
from tnet.architectures.linear import Linear
from tnet.architectures.mixed import Mixed
from tnet.architectures.overlapping import Overlapping
from tnet.architectures.recurrent import Recurrent
from tnet.architectures.spec_files import _FIELDS
from tnet.architectures.tensor_train import TensorTrain
from tnet.architectures.tucker import Tucker
from tnet.errors import GeometryError, SpecError

TREE3 = tnet.ModeTree.from_nested(((0, 1), 2))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: CP(4, features=2, width=-1), SpecError, "width must be an integer of at least 1"),
        (lambda: CP(-4, features=2, width=1), GeometryError, "inputs must be a positive integer"),
        (lambda: CP(4, features=2.0, width=1), SpecError, r"features must be .*got 2\.0"),
        (lambda: CP(4, features=2, width=1, outputs=0), SpecError, "outputs must be an integer"),
        (lambda: CP(4, features=2, width=1, shared=1), SpecError, "shared is 1; give True"),
        (lambda: CP(4, features=2, width=1, operator="min"), SpecError, "operator is 'min'; choo"),
        (lambda: CP(4, features=2, width=1, operator=["max"]), SpecError, r"operator is \['max'\]"),
        (
            lambda: Tucker(3, features=2, widths=(2, 2)),
            SpecError,
            "widths has 2 entries for 3 elements; give one width per element",
        ),
        (lambda: Tucker(3, features=2, widths=0), SpecError, "widths must be an integer of at l"),
        (lambda: Tucker(3, features=2, widths="2"), SpecError, "widths is '2'; give a sequence"),
        (
            lambda: HierarchicalTucker(8, features=2, widths=(2, 2)),
            SpecError,
            r"widths has 2 entries for 3 levels \(windows by level: 4 > 2 > 1\)",
        ),
        (
            lambda: HierarchicalTucker(4, features=2, widths=(2, 2), pooling=TREE3),
            SpecError,
            "pooling is a tree of 3 modes, but inputs 4 are 4 elements",
        ),
        (
            lambda: TensorTrain(4, features=2, ranks=(2, 2)),
            SpecError,
            "ranks has 2 entries for 3 bonds; give one rank per bond",
        ),
        (
            lambda: TensorTrain(4, features=2, ranks=(2, 3, 2), shared=True),
            SpecError,
            "ranks are 2 to 3, but shared cores have one shape",
        ),
        (lambda: TensorTrain((2, 2), features=2, ranks=2), SpecError, "inputs must be an integer"),
        (lambda: TensorTrain(4, features=2, ranks=-2), SpecError, "ranks must be an integer"),
        (
            lambda: Dilated(6, features=2, widths=(2,)),
            SpecError,
            "inputs is 6 and kernel 2; the inputs are a power of the kernel",
        ),
        (lambda: Dilated(1, features=2, widths=()), SpecError, "inputs is 1 and kernel 2"),
        (
            lambda: Dilated(8, features=2, widths=(2, 2), dilations=(1, 2, 2)),
            SpecError,
            r"dilations are \[1, 2, 2\], which do not cover 8 inputs; give \[1, 2, 4\]",
        ),
        (
            lambda: Dilated(8, features=2, widths=(2, 2), dilations=4),
            SpecError,
            "dilations is 4; give",
        ),
        (
            lambda: Dilated(8, features=2, widths=(2, 2, 2)),
            SpecError,
            r"widths has 3 entries for 2 levels .*4 > 2 > 1.*one width per level below the root",
        ),
        (
            lambda: Dilated(4, features=2, widths=(2,), dilations=TREE3),
            SpecError,
            "dilations is a tree of 3 modes, but inputs 4",
        ),
        (
            lambda: Dilated(3, features=2, widths=(2,), dilations=TREE3, kernel=3),
            SpecError,
            "kernel is 3, but a ModeTree knows its own windows",
        ),
        (
            lambda: Overlapping(6, features=2, widths=(2, 2), kernel=3),
            SpecError,
            "the windows of 2 levels leave 2 positions of 6 inputs; let the last kernel cover 4",
        ),
        (
            lambda: Overlapping(6, features=2, widths=(2,), kernel=3, stride=2),
            SpecError,
            "windows of 3 at stride 2 do not fit the 6 positions below level 0",
        ),
        (
            lambda: Overlapping(5, features=2, widths=(2,), kernel=2, stride=3),
            SpecError,
            "stride 3 of level 0 is larger than its kernel 2",
        ),
        (
            lambda: Overlapping(5, features=2, widths=(2, 2), kernel=(3,)),
            SpecError,
            r"kernel is \(3,\); give an int, or one entry for each of 2 levels",
        ),
        (lambda: Overlapping(5, features=2, widths=(), kernel=5), SpecError, "widths is empty"),
        (
            lambda: Overlapping((3, 3), features=2, widths=(2,), kernel=((3, -3),)),
            SpecError,
            "kernel of level 0 must be an integer of at least 1; got -3",
        ),
        (lambda: Linear((5,)), SpecError, "widths has 1 entries; give at least two"),
        (lambda: Linear((5, 0)), SpecError, "width 1 must be an integer of at least 1; got 0"),
        (lambda: Linear(5), SpecError, "widths is 5; give a sequence"),
    ],
)
def test_bad_specs_are_answered(make, error, message):
    with pytest.raises(error, match=message):
        make()


PAIRS = tnet.ModeTree.from_nested(((0, 1), (2, 3)))
CROSSED = tnet.ModeTree.from_nested(((0, 2), (1, 3)))


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (
            "CP; inputs = [2, 3]; features = 2; width = 4; shared = true; outputs = 3",
            CP((2, 3), features=2, width=4, shared=True, outputs=3),
        ),
        ("Tucker; inputs = 3; features = 2; widths = 2", Tucker(3, features=2, widths=2)),
        (
            "Tucker; inputs = 3; features = 2; widths = [2, 1, 3]",
            Tucker(3, features=2, widths=(2, 1, 3)),
        ),
        (
            "HierarchicalTucker; inputs = 3; features = 2; widths = [2, 3]; "
            "pooling = [[0, 1], 2]; operator = 'max'",
            HierarchicalTucker(3, features=2, widths=(2, 3), pooling=TREE3, operator="max"),
        ),
        (
            "HierarchicalTucker; inputs = [4, 6]; features = 2; widths = [2, 3]; "
            "window = [[2, 3], 2]",
            HierarchicalTucker((4, 6), features=2, widths=(2, 3), window=((2, 3), 2)),
        ),
        (
            "TensorTrain; inputs = 4; features = 2; ranks = [2, 3, 2]",
            TensorTrain(4, features=2, ranks=(2, 3, 2)),
        ),
        (
            "Recurrent; steps = 4; features = 2; hidden = 3; ranks = 5; shared = true",
            Recurrent(4, features=2, hidden=3, ranks=5, shared=True),
        ),
        (
            "DeepRecurrent; steps = 4; features = 2; hidden = 3; layers = 3",
            DeepRecurrent(4, features=2, hidden=3, layers=3),
        ),
        (
            "Dilated; inputs = 9; features = 2; widths = [3]; dilations = [3, 1]; kernel = 3",
            Dilated(9, features=2, widths=(3,), dilations=(3, 1), kernel=3),
        ),
        (
            "Dilated; inputs = 4; features = 2; widths = [3]; dilations = [[0, 2], [1, 3]]",
            Dilated(4, features=2, widths=(3,), dilations=CROSSED),
        ),
        (
            "Overlapping; inputs = [3, 4]; features = 2; widths = [2, 3]; kernel = [[2, 3], 2]; "
            "stride = 1",
            Overlapping((3, 4), features=2, widths=(2, 3), kernel=((2, 3), 2)),
        ),
        ("Linear; widths = [5, 2, 3]", Linear((5, 2, 3))),
        (
            "Mixed; tree_a = [[0, 1], [2, 3]]; tree_b = [[0, 2], [1, 3]]; features = 2; width = 4",
            Mixed(PAIRS, CROSSED, features=2, width=4),
        ),
        (
            "Mixed; tree_a = [[0, 1], [2, 3]]; tree_b = [[0, 1], [2, 3]]; features = 2; "
            "width = 4; mixture = [[0, 1]]",
            Mixed(PAIRS, PAIRS, features=2, width=4, mixture=[(0, 1)]),
        ),
    ],
    ids=lambda value: value.partition(";")[0] if isinstance(value, str) else "",
)
def test_every_spec_loads_from_toml(text, spec, tmp_path):
    name, _, fields = text.partition("; ")
    path = tmp_path / "arch.toml"
    path.write_text(f'architecture = "{name}"\n' + "\n".join(fields.split("; ")))
    assert tnet.load_spec(path) == spec
    path.write_text(path.read_text() + "\nwidht = 2")
    with pytest.raises(SpecError, match=f"{path}: field 'widht' is not known; the fields are arch"):
        tnet.load_spec(path)
    path.write_text(f'architecture = "{name}"')
    with pytest.raises(SpecError, match=r"field '\w+' is missing; add it"):
        tnet.load_spec(path)


def test_every_field_of_every_spec_can_be_said_in_toml():
    for kind, (required, optional) in _FIELDS.items():
        said = {field.name for field in dataclasses.fields(kind) if field.init}
        assert said == {*required, *optional}
        bare = {
            field.name
            for field in dataclasses.fields(kind)
            if field.init and field.default is dataclasses.MISSING
        }
        assert bare == {*required}

"""The restricted unpickler reads arrays as numpy does, and refuses everything else."""

import collections
import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted import restricted_pickle
from acai_ray.poses.untrusted.pickled_array import PickledArray, unwrapped
from acai_ray.poses.untrusted.restricted_pickle import loads


def plain(value):
    """The value with stand-ins replaced by the arrays they describe."""
    if isinstance(value, PickledArray):
        return plain(value.value.tolist()) if value.value.dtype == object else value.value
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    return type(value)(map(plain, value)) if isinstance(value, list | tuple | set | frozenset) else value


@pytest.mark.parametrize("protocol", range(6))
@given(
    array=arrays.arrays(
        st.sampled_from(["<f4", ">f8", "<i2", "|b1", "<U5", "|S3", "<c8"]),
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4),
        elements={"allow_nan": False},
    )
)
def test_arrays_survive_every_protocol(protocol, array):
    for order in (np.ascontiguousarray(array), np.asfortranarray(array)):
        np.testing.assert_array_equal(plain(loads(pickle.dumps(order, protocol), "x")), order)


@pytest.mark.parametrize("protocol", range(6))
def test_containers_and_scalars_survive(protocol):
    value = {"S1": [(1, 2.5), {3, 4}, frozenset({"a"}), None, True, b"bytes"], 7: {"x": 2**80}}
    assert loads(pickle.dumps(value, protocol), "x") == value
    assert loads(pickle.dumps([np.float32(0.5), np.int64(3)], protocol), "x") == [0.5, 3]
    nested = np.array({"S1": {"Walk": np.arange(3)}}, dtype=object)
    np.testing.assert_array_equal(plain(loads(pickle.dumps(nested, protocol), "x"))["S1"]["Walk"], [0, 1, 2])


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "dtype",
    [
        [("keypoints", "<f4", (17, 3)), ("subject_idx", "i1"), ("frame_idx", ">i2")],
        [("R", "<f4", (3, 3)), ("name", [("first", "U3"), ("second", "S2")])],
        np.dtype([("a", "i1"), ("b", "f8")], align=True),
        np.dtype({"names": ["late", "early"], "formats": ["f4", "i2"], "offsets": [8, 0], "itemsize": 20}),
    ],
    ids=["table", "nested", "aligned", "gaps"],
)
def test_structured_arrays_survive(protocol, dtype):
    array = np.frombuffer(bytes(range(64)) * 40, dtype="u1")[: 3 * np.dtype(dtype).itemsize].copy()
    array[array > 9] = 0
    array = array.view(dtype) if "U3" not in str(dtype) else np.zeros(3, dtype=dtype)
    read = loads(pickle.dumps({"table": array, "more": [array[:0]]}, protocol), "x")
    assert read["table"].value.dtype == array.dtype
    assert (read["table"].value == array).all()
    assert read["more"][0].value.shape == (0,)


@pytest.mark.parametrize("protocol", range(6))
def test_kinds_of_dicts_become_dicts(protocol):
    value = collections.OrderedDict(a=collections.defaultdict(list, b=[1]), c=collections.defaultdict(dict))
    read = loads(pickle.dumps(value, protocol), "x")
    assert read == {"a": {"b": [1]}, "c": {}}
    assert type(read) is type(read["a"]) is dict


def test_ordered_dict_of_python_2():
    content = b"\x80\x02ccollections\nOrderedDict\n]](U\x01aK\x01ea\x85R."
    assert loads(content, "x") == {"a": 1}


def test_arrays_take_the_place_of_their_stand_ins():
    shared = np.arange(3)
    value = {"a": [shared, (shared, {"b": shared})], "c": np.array([{"d": shared}, [shared]], dtype=object)}
    read = unwrapped(loads(pickle.dumps(value), "x"))
    for array in (read["a"][0], read["a"][1][0], read["a"][1][1]["b"], read["c"][0]["d"], read["c"][1][0]):
        np.testing.assert_array_equal(array, shared)
    own = []
    own.append((own, shared))
    cycle = unwrapped(loads(pickle.dumps(own), "x"))
    assert cycle[0][0] is cycle


def test_numpy_1_names_and_python_2_strings_are_read():
    content = pickle.dumps(np.arange(3, dtype="<f4"), 2).replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    np.testing.assert_array_equal(plain(loads(content, "x")), [0, 1, 2])
    assert loads(b"\x80\x02U\x03S\xe91.", "x") == "Sé1"


class Call:
    """Pickles as a call."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def forged_dtype():
    """An object dtype that claims to hold no pointers, with raw bytes for pointers."""
    order, none = b"X\x01\x00\x00\x00|", b"N"
    dtype = (
        b"cnumpy\ndtype\n(X\x01\x00\x00\x00OI00\nI01\ntR(I3\n"
        + order
        + none * 3
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xffI0\ntb"
    )
    array = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR"
    return array + b"(I1\n(I1\nt" + dtype + b"I00\nC\x08AAAAAAAAtb."


ATTACKS = {
    "os.system": lambda: pickle.dumps(Call(os.system, "touch pwned")),
    "eval": lambda: pickle.dumps(Call(eval, "open('pwned', 'w')")),
    "exec": lambda: pickle.dumps(Call(exec, "open('pwned', 'w')")),
    "open": lambda: pickle.dumps(Call(open, "pwned", "w")),
    "getattr": lambda: pickle.dumps(Call(getattr, 1, "real")),
    "nested": lambda: pickle.dumps({"S1": {"Walk": [np.zeros(3), Call(os.system, "touch pwned")]}}),
    "nested in an object array": lambda: pickle.dumps(
        np.array([{"a": Call(eval, "open('pwned', 'w')")}], dtype=object)
    ),
    "numpy's runner": lambda: b"cnumpy.testing._private.utils\nrunstring\n(X\x01\x00\x00\x001}tR.",
    "numpy.load": lambda: b"cnumpy\nload\n(X\x05\x00\x00\x00pwnedtR.",
    "attribute of an admitted name": lambda: b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93.",
    "method of a container": lambda: b"\x80\x04\x8c\x08builtins\x8c\x07set.pop\x93.",
    "persistent id": lambda: b"Ppwned\n.",
    "extension": lambda: b"\x82\x01.",
    "codec": lambda: b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00hextR.",
    "structured dtype of objects": lambda: pickle.dumps(np.zeros(2, dtype=[("a", "O")])),
    "forged dtype": forged_dtype,
    "array too large": lambda: pickle.dumps(np.zeros(3)).replace(b"K\x03\x85", b"K\x7f\x85"),
    "truncated": lambda: pickle.dumps(np.zeros(100))[:-40],
    "deep": lambda: b"]" * 10**5 + b"a" * (10**5 - 1),
    "empty": lambda: b"",
}


@pytest.fixture
def nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_run_nothing_and_name_the_file(attack, nothing_runs):
    with pytest.raises(UserError, match=r"^bad\.pkl: a pickle must be whole and hold only numpy arrays") as caught:
        loads(ATTACKS[attack](), "bad.pkl")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("attack", ["os.system", "eval", "nested", "forged dtype"])
def test_attacks_inside_an_npz_run_nothing(attack, nothing_runs):
    holder = np.empty((), dtype=object)
    path = nothing_runs / "data_3d_h36m.npz"
    np.savez(path, positions_3d=holder)
    forge_member(path, ATTACKS[attack]())
    with pytest.raises(UserError, match=r"data_3d_h36m\.npz, array positions_3d: a pickle must be whole"):
        poses.load(path)


def forge_member(path, content):
    import zipfile

    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("positions_3d.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content)


def test_a_pickle_cannot_spoil_the_next_one(nothing_runs):
    for module, name in restricted_pickle.ADMITTED:
        build = f"c{module}\n{name}\n".encode() + b"(N}X\x08\x00\x00\x00__code__I1\nstb."
        with pytest.raises(UserError):
            loads(build, "bad.pkl")
    np.testing.assert_array_equal(plain(loads(pickle.dumps(np.arange(3)), "x")), [0, 1, 2])


@given(st.binary(max_size=60), st.integers(0, 5))
def test_random_bytes_never_raise_anything_else(noise, protocol):
    content = pickle.dumps({"a": np.arange(4)}, protocol)
    for forged in (noise, content[:20] + noise + content[20:], content[:-30] + noise):
        try:
            loads(forged, "x")
        except UserError:
            continue

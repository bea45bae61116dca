import os
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acai_ray import poses
from acai_ray.errors import UserError
from acai_ray.poses import restricted_pickle
from acai_ray.poses.restricted_pickle import PickledArray, loads


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
    "structured dtype": lambda: pickle.dumps(np.zeros(2, dtype=[("a", "f4")])),
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

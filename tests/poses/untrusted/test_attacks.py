"""Files that try to run something: each must be refused by name, in one line, and run nothing."""

import collections
import copyreg
import functools
import io
import operator
import os
import pickle
import re
import struct
import subprocess
import zipfile

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from tests.helpers import fabricate_motionbert, fabricate_report_pickles, fabricate_triangulation_labels

CALLED = []
PROTOCOLS = range(6)


def canary(*arguments):
    """What an attack calls in this process."""
    CALLED.append(arguments)


class Call:
    """Pickles as a call, with more state where given."""

    def __init__(self, function, *arguments, more=()):
        self.call = (function, arguments, *more)

    def __reduce__(self):
        return self.call


class Stateful:
    def __init__(self, function, state):
        self.function, self.state = function, state

    def __reduce__(self):
        return (self.function, (), self.state)


class Persistent(pickle._Pickler):
    def persistent_id(self, obj):
        return "pwned" if obj == "persistent" else None


def holder(item):
    array = np.empty(1, dtype=object)
    array[0] = item
    return array


PAYLOADS = {
    "os.system": (lambda: Call(os.system, "touch pwned"), "(posix|nt).system"),
    "eval": (lambda: Call(eval, "open('pwned', 'w')"), "eval"),
    "exec": (lambda: Call(exec, "open('pwned', 'w')"), "exec"),
    "open": (lambda: Call(open, "pwned", "w"), r"io\.open"),
    "Popen": (lambda: Call(subprocess.Popen, ["touch", "pwned"]), r"(subprocess|commands)\.Popen"),
    "partial": (lambda: functools.partial(canary, 1), r"functools\.partial"),
    "canary": (lambda: Call(canary, 1), "canary"),
    "getattr": (lambda: Call(getattr, Call(__import__, "os"), "system"), "getattr|__import__"),
    "attrgetter": (lambda: operator.attrgetter("__class__.__bases__"), "attrgetter"),
    "reconstructor": (lambda: Call(copyreg._reconstructor, Call, object, None), "_reconstructor"),
    "newobj": (lambda: Stateful(Call, {"call": 1}), "Call"),
    "factory": (lambda: collections.defaultdict(canary, a=1), "canary"),
    "list items": (lambda: Call(canary, more=(None, iter([1]))), "canary"),
    "state setter": (lambda: Call(dict, more=(None, None, None, canary)), "dict|canary"),
}
WRAPPERS = {
    "alone": lambda item: item,
    "list": lambda item: [1, [item]],
    "dict": lambda item: {"S1": {"Directions": {"1": {0: item}}}},
    "tuple": lambda item: ((item,),),
    "array of objects": holder,
    "object array of a dict": lambda item: np.array({"positions": item}, dtype=object),
    "ordered dict": lambda item: collections.OrderedDict(train=item),
    "default dict": lambda item: collections.defaultdict(list, {"test": item}),
    "structured array beside it": lambda item: {"table": np.zeros(2, [("a", "<f4", (17, 3))]), "other": item},
}


@pytest.fixture
def nothing_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    CALLED.clear()
    yield tmp_path
    assert not (tmp_path / "pwned").exists()
    assert not CALLED


def refused(path, named, **options):
    with pytest.raises(UserError) as caught:
        poses.load(path, **options)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(path.name)
    assert re.search(named, message), message
    assert "nothing in it was run" in message


def as_pickle(folder, content):
    (folder / "data.pkl").write_bytes(content)
    return folder / "data.pkl"


def as_world(folder, content):
    (folder / "dict_h36m_keypoints_world.pkl").write_bytes(content)
    return folder / "dict_h36m_keypoints_world.pkl"


def as_npy(folder, content, name="labels.npy"):
    (folder / name).write_bytes(npy(content))
    return folder / name


def as_npz(folder, content):
    with zipfile.ZipFile(folder / "data_3d_h36m.npz", "w") as archive:
        archive.writestr("positions_3d.npy", npy(content))
    return folder / "data_3d_h36m.npz"


def npy(content):
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


FILES = (as_pickle, as_world, as_npy, as_npz)


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_attacks_are_refused_by_name(payload, wrapper, nothing_runs):
    make, named = PAYLOADS[payload]
    for protocol in PROTOCOLS:
        content = pickle.dumps(WRAPPERS[wrapper](make()), protocol)
        for write in (as_pickle, FILES[1 + protocol % 3]):
            refused(write(nothing_runs, content), named)


def test_the_folder_and_its_second_file(nothing_runs, crowd):
    folder = fabricate_report_pickles.write(nothing_runs / "report", crowd)
    (folder / "dict_h36m_desc.pkl").write_bytes(pickle.dumps({"S1": Call(os.system, "touch pwned")}))
    with pytest.raises(UserError, match=r"^dict_h36m_desc.pkl: .*system\]; nothing in it was run"):
        poses.load(folder)


def test_an_attack_behind_valid_data(nothing_runs, crowd):
    content = fabricate_motionbert.contents(crowd)
    content["train"]["extra"] = Call(canary)
    refused(fabricate_motionbert.save(nothing_runs / "mb.pkl", content), "canary")
    content = fabricate_triangulation_labels.contents(crowd) | {"extra": Call(canary)}
    refused(fabricate_triangulation_labels.save(nothing_runs / "labels.npy", content), "canary")


def text(value):
    return b"\x8c" + bytes([len(value)]) + value.encode()


def stack_global(module, name):
    return text(module) + text(name) + b"\x93"


def dtype(code, flags=b"K\x00", order="|", parts=b"NNN", size=b"J\xff\xff\xff\xff"):
    state = b"(K\x03" + text(order) + parts + size + b"J\xff\xff\xff\xff" + flags + b"tb"
    return stack_global("numpy", "dtype") + text(code) + b"\x89\x88\x87R" + state


def array(kind, raw, shape=b"K\x01\x85"):
    made = (
        stack_global("numpy._core.multiarray", "_reconstruct")
        + stack_global("numpy", "ndarray")
        + b"K\x00\x85C\x01b\x87R"
    )
    return made + b"(K\x01" + shape + kind + b"\x89" + raw + b"tb"


def fields(name, kind, offset):
    return b"N" + text(name) + b"\x85}" + text(name) + kind + b"K" + bytes([offset]) + b"\x86s"


POINTER = b"C\x08AAAAAAAA"
OBJECTS = b"K\x3f"
"""The flags of a dtype that holds pointers."""
BYTECODE = {
    "dotted name": (stack_global("builtins", "eval.__call__"), "builtins.eval.__call__"),
    "dotted admitted name": (stack_global("numpy", "ndarray.tofile"), "numpy.ndarray.tofile"),
    "dotted container": (stack_global("builtins", "list.append"), "builtins.list.append"),
    "module in a module": (stack_global("numpy", "os.system"), "numpy.os.system"),
    "this package": (stack_global("acai_ray.poses.untrusted.restricted_pickle", "loads"), "restricted_pickle.loads"),
    "name with a line break": (stack_global("os\n", "system\x1b[2J"), "os .system"),
    "instance": (b"(S'touch pwned'\nios\nsystem\n", "os.system"),
    "object": (b"(cos\nsystem\nS'touch pwned'\no", "os.system"),
    "object of an admitted name": (b"(" + stack_global("collections", "OrderedDict") + b"o", "instruction OBJ"),
    "new object": (stack_global("numpy", "dtype") + b")\x81", "instruction NEWOBJ"),
    "new object with names": (stack_global("numpy", "dtype") + b")}\x92", "instruction NEWOBJ_EX"),
    "extension 1": (b"\x82\x01", "instruction EXT1"),
    "extension 2": (b"\x83\x01\x00", "instruction EXT2"),
    "extension 4": (b"\x84\x01\x00\x00\x00", "instruction EXT4"),
    "persistent id": (b"Ppwned\n", "instruction PERSID"),
    "binary persistent id": (text("pwned") + b"Q", "instruction BINPERSID"),
    "outer buffer": (b"\x97", "instruction NEXT_BUFFER"),
    "call of a factory": (stack_global("builtins", "int") + text("9" * 200) + b"\x85R", "a call of builtins.int"),
    "call of the array type": (stack_global("numpy", "ndarray") + b")R", "a call of numpy.ndarray"),
    "call of a text": (text("os.system") + text("touch pwned") + b"\x85R", "a call of str"),
    "state of a function": (
        stack_global("_codecs", "encode") + b"N}" + text("__code__") + b"Ns\x86b",
        "_codecs.encode",
    ),
    "state of a type": (stack_global("numpy", "dtype") + b"}" + text("set_state") + b"Nsb", "numpy.dtype"),
    "state of a dict": (
        stack_global("collections", "OrderedDict") + b")R}" + text("__class__") + b"Nsb",
        "a state for dict",
    ),
    "items of a function": (stack_global("builtins", "list") + text("a") + b"Ns", "items for builtins.list"),
    "items of a list": (b"]K\x00Ns", "items for list"),
    "members of a list": (b"](K\x00\x90", "members for list"),
    "codec": (stack_global("_codecs", "encode") + text("a") + text("hex") + b"\x86R", "the encoding hex"),
    "forged flags of pointers": (array(dtype("O8", flags=b"K\x00"), POINTER), "an array of objects"),
    "forged flags of numbers": (array(dtype("f8", flags=OBJECTS), POINTER) + text("os") + text("x") + b"\x93", "os.x"),
    "numbers with parts": (dtype("f8", parts=fields("a", dtype("O8"), 0), size=b"K\x08"), "parts of the plain dtype"),
    "objects in a field": (dtype("V8", parts=fields("a", dtype("O8"), 0), size=b"K\x08"), "a part of objects"),
    "objects repeated": (dtype("V8", parts=dtype("O8") + b"K\x01\x85\x86NN", size=b"K\x08"), "a part of objects"),
    "field outside": (dtype("V8", parts=fields("a", dtype("f8"), 4), size=b"K\x08"), "overlap or leave"),
    "other size": (dtype("V8", parts=fields("a", dtype("f8"), 0), size=b"K\x10"), "overlap or leave"),
    "wrong repetition": (dtype("V8", parts=dtype("f8") + b"K\x02\x85\x86NN", size=b"K\x08"), "another size"),
    "no fields": (array(dtype("V8", size=b"K\x08"), POINTER), "structured dtype without names"),
    "field that is none": (dtype("V8", parts=fields("a", b"N", 0), size=b"K\x08"), "a part that is none"),
    "pointer in a scalar": (
        stack_global("numpy._core.multiarray", "scalar") + dtype("O8") + POINTER + b"\x86R",
        "an array of objects",
    ),
    "scalar of a name": (
        stack_global("numpy._core.multiarray", "scalar") + text("O") + POINTER + b"\x86R",
        "without a dtype",
    ),
    "dtype of a text": (stack_global("numpy", "dtype") + text("O,O") + b"\x85R", "the dtype O,O"),
    "datetime": (stack_global("numpy", "dtype") + text("M8[ns]") + b"\x85R", r"the dtype M8\[ns\]"),
    "claimed shape": (array(dtype("f8"), POINTER, b"J\xff\xff\xff\x7f\x85"), "do not fill its shape"),
    "negative shape": (array(dtype("f8"), POINTER, b"J\xff\xff\xff\xff\x85"), "a shape that is not"),
    "claimed text": (array(dtype("U99999999"), POINTER), "do not fill its shape"),
    "impossible characters": (array(dtype("U2", order="<"), POINTER), "a character that does not exist"),
    "deep key": (b"}" + b")" + b"\x85" * 10_000 + b"Ns", "a key of type tuple"),
    "nested objects": (
        array(dtype("O8"), b"]" + array(dtype("O8"), b"]Na") + b"a"),
        "an array of objects within another",
    ),
    "huge number": (b"I" + b"9" * 10_000 + b"\n", "limit"),
}


@pytest.mark.parametrize("case", BYTECODE)
def test_forged_instructions_are_refused_by_name(case, nothing_runs):
    code, named = BYTECODE[case]
    for content in (b"\x80\x04" + code + b".", b"\x80\x04]" + code + b"a."):
        for write in FILES:
            refused(write(nothing_runs, content), named)


def test_a_pickler_with_persistent_ids(nothing_runs):
    for protocol in PROTOCOLS:
        buffer = io.BytesIO()
        Persistent(buffer, protocol).dump(["persistent"])
        refused(as_pickle(nothing_runs, buffer.getvalue()), "PERSID")


def test_a_registered_extension_is_not_called(nothing_runs):
    copyreg.add_extension(__name__, "canary", 240)
    try:
        for protocol in (2, 4, 5):
            refused(as_pickle(nothing_runs, pickle.dumps(Call(canary), protocol)), "instruction EXT1")
    finally:
        copyreg.remove_extension(__name__, "canary", 240)


@pytest.mark.parametrize(
    "code",
    [
        b"\x80\x02Nr\xff\xff\xff\xff.",
        b"\x80\x05\x96" + struct.pack("<Q", 1 << 62) + b".",
        b"\x80\x05\x8e" + struct.pack("<Q", 1 << 34) + b".",
        b"\x80\x04\x95" + struct.pack("<Q", 1 << 34) + b"N.",
        b"]q\x00" + b"](h\x00h\x00eq\x00" * 200 + b".",
        b")" + b"\x85" * 50_000 + b".",
        b"]" * 50_000 + b"a" * 49_999 + b".",
        b"\x80\x04" + dtype("O8") + b".",
    ],
    ids=["memo", "bytearray", "bytes", "frame", "doubling", "deep tuple", "deep list", "lone dtype"],
)
def test_bombs_end_quickly_in_a_sentence(code, nothing_runs):
    for write in FILES:
        with pytest.raises(UserError) as caught:
            poses.load(write(nothing_runs, code))
        assert len(str(caught.value).splitlines()) == 1

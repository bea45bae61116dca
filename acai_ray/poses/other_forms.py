"""What helps with files of kinds that are not read, by their suffixes."""

AS_NPZ = "save its array of poses with numpy.savez(path, poses=…)"
MARKERS = "these files hold markers on the skin and no joints: have the program solve a skeleton, and export BVH"
ACCLAIM = "an ASF file is a skeleton, and its motions are AMC files beside it: give one of them, or their folder"
BVH = "files of this kind are not read: export the motion as BVH"

REMEDIES = {
    ("mat",): f"MATLAB's files are not read: load it by scipy.io.loadmat, from version 7.3 on by h5py, and {AS_NPZ}",
    ("c3d", "trc"): MARKERS,
    ("fbx", "glb", "gltf", "dae", "usd", "usdz"): BVH,
    ("amc", "asf"): ACCLAIM,
    ("json", "jsonl"): f"JSON is not read: load it by json.load, and {AS_NPZ}",
    ("csv", "tsv", "txt"): f"text is not read: load it by pandas.read_csv or numpy.loadtxt, and {AS_NPZ}",
    ("pt", "pth"): f"PyTorch's files are not read: load it by torch.load(path, weights_only=True), and {AS_NPZ}",
    ("mp4", "avi", "mov", "mkv"): "videos hold no 3D poses: estimate them first, and save them as an .npz",
}
"""By suffixes, in small letters."""


def remedy_for_kind(suffix: str) -> str:
    """What to do with a file with this suffix, such as `.mat`, whose content is none that can be read."""
    kind = suffix.lower().removeprefix(".")
    known = next((remedy for suffixes, remedy in REMEDIES.items() if kind in suffixes), None)
    return known or "copy it again where it is damaged, or save the poses as an .npz"

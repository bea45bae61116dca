"""A folder of CDF files as Human3.6M gives them out; nothing here was recorded."""

from cdflib.cdfwrite import CDF

from tests.helpers.fabricate_human36m import SUBJECTS, world_mm


def write(folder, crowd):
    """Seven subjects with two sequences of 60 and 25 frames; gives the folder to load."""
    for subject in SUBJECTS:
        positions = folder / subject / "MyPoseFeatures" / "D3_Positions"
        positions.mkdir(parents=True)
        write_file(positions / "Directions 1.cdf", world_mm(crowd))
        write_file(positions / "Walking.cdf", world_mm(crowd[:25]) + 100)
    return folder


def write_file(path, recorded, *, name="Pose", data_type="CDF_FLOAT", shape=None, compress=0, whole=0):
    """One file with `Pose` (1, T, 96), or with what a test asks for instead."""
    record = recorded.reshape(1, -1, 96) if shape is None else recorded.reshape(shape)
    file = CDF(path, {"Majority": "Row_major", "Compressed": whole}, delete=True)
    about = {"Variable": name, "Data_Type": getattr(CDF, data_type), "Num_Elements": 1, "Rec_Vary": True}
    file.write_var(about | {"Dim_Sizes": list(record.shape[1:]), "Compress": compress}, var_data=record)
    file.close()

"""What the page's map and explorer show: which twins, which numbers, nothing that a study could smuggle in."""

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.report.explorer import Explorer, build_explorer, real_poses
from acai_ray.analysis.report.scripts import page_scripts, policy
from acai_ray.analysis.saved_models import explorable as module
from acai_ray.analysis.saved_models.explorable import candidates, explorable
from acai_ray.analysis.saved_models.model_file import read_autoencoder
from acai_ray.analysis.saved_models.network import on_sphere
from acai_ray.protocol.primary import parse_margins
from tests.helpers.model_factory import save_all
from tests.helpers.study_factory import Trial, build, write_trial

LAMBDAS = (0.001, 0.01, 0.1, 0.3, 1.0)


def trials() -> list[Trial]:
    vanilla = [Trial(f"v{d}", "grid", 0.0, range(2), latent_dim=d, pictures=True) for d in (8, 16)]
    acai = [
        Trial(f"a{d}-{place}", "grid", lam, range(2), latent_dim=d, pictures=True)
        for d in (8, 16)
        for place, lam in enumerate(LAMBDAS)
    ]
    return [*vanilla, *acai, Trial("x00000", "control", 0.0, [0], latent_dim=51, control="mean")]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two latent sizes, five λ, two seeds, with models; for reading only."""
    folder = build(tmp_path_factory.mktemp("results") / "demo", trials())
    save_all(folder, {f"{t.trial_id}-0": {"latent_dim": t.latent_dim, "lam": t.lam} for t in trials()[:-1]})
    return folder


def without_models(study: Path, folder: Path) -> Path:
    """A copy of the study, to be changed."""
    return Path(shutil.copytree(study, folder / "demo", ignore=shutil.ignore_patterns("models")))


def compared(folder: Path) -> Analysis:
    return analyse(store.load(folder), parse_margins([]))


def explore(folder: Path) -> Explorer:
    return build_explorer(compared(folder))


def test_the_first_pairs_are_the_middle_ones_then_they_spread(study: Path) -> None:
    order = [(row["latent_dim"], row["lam"], row["seed"]) for row in candidates(compared(study))]
    assert order[:2] == [(8, 0.1, 0), (16, 0.1, 0)]
    assert [lam for d, lam, _ in order if d == 16] == [0.1, 0.01, 1.0, 0.001, 0.3]
    assert {seed for _, _, seed in order} == {0}


def test_the_budget_holds_and_the_rest_is_told(study: Path) -> None:
    analysis = compared(study)
    poses = real_poses(analysis).reshape(-1, 51)
    everything = explorable(analysis, poses)
    assert len(everything.pairs) == 10
    assert len(everything.decoders) == 12
    sizes = [decoder.n_bytes for decoder in everything.decoders.values()]
    some = explorable(analysis, poses, budget=6 * max(sizes))
    assert list(some.pairs) == list(everything.pairs)[: len(some.pairs)]
    assert 4 <= len(some.pairs) < 10
    assert sum(decoder.n_bytes for decoder in some.decoders.values()) <= 6 * max(sizes)
    assert set(some.without.values()) == {module.NO_ROOM}
    assert len(some.without) + len(some.pairs) == 10


def test_nothing_is_read_that_has_no_room(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(module, "read_autoencoder", lambda _, run_id: read.append(run_id))
    analysis = compared(study)
    assert not explorable(analysis, real_poses(analysis).reshape(-1, 51), budget=1000).pairs
    assert read == []


def test_numbers_are_the_means_over_seeds_beside_the_twins(study: Path) -> None:
    data, analysis = explore(study).data, compared(study)
    trial = next(trial for trial in data["trials"] if trial["name"] == "a16-2")
    runs = analysis.summary.set_index("run_id")["test_reconstruction_mpjpe_mm"]
    assert trial["values"][0] == pytest.approx(runs[["a16-2-0", "a16-2-1"]].mean(), rel=1e-5)
    assert trial["twins"][0] == pytest.approx(runs[["v16-0", "v16-1"]].mean(), rel=1e-5)
    assert (trial["lam"], trial["gamma"], trial["done"]) == (0.1, 0.05, "2 of 2 seeds done")
    assert len(data["trials"]) == 12
    assert len(data["metrics"]) == len(trial["values"]) == 10


def test_a_confirmation_is_no_dot_beside_its_search(tmp_path: Path) -> None:
    search = [Trial("b", "baseline", 0.0, range(2)), Trial("s", "search", 0.1, range(2))]
    folder = build(tmp_path, search, split="valid")
    confirm = [Trial("c0", "confirm", 0.0, [9, 10]), Trial("c1", "confirm", 0.1, [9, 10])]
    for trial in confirm:
        write_trial(folder, trial, "test")
    explorer = explore(folder)
    found = {trial["name"]: (trial["dot"], trial["split"]) for trial in explorer.data["trials"]}
    assert found == {"b": (True, "valid"), "s": (True, "valid"), "c0": (False, "test"), "c1": (False, "test")}
    assert "Confirmations are no dots" in explorer.map_notes[-1]
    values = [trial["values"][0] for trial in explorer.data["trials"]]
    assert None not in values


def test_confirmations_alone_are_dots(tmp_path: Path) -> None:
    confirm = [Trial("c0", "confirm", 0.0, range(2)), Trial("c1", "confirm", 0.1, range(2))]
    explorer = explore(build(tmp_path, confirm))
    assert [trial["dot"] for trial in explorer.data["trials"]] == [True, True]
    assert len(explorer.map_notes) == 1


def test_the_page_holds_the_decoder_and_the_codes(study: Path) -> None:
    data = explore(study).data
    pair = data["pairs"][0]
    network = data["networks"][pair["acai"]]
    model = read_autoencoder(study, pair["runs"][1])
    poses = real_poses(compared(study)).reshape(-1, 51)
    codes = np.frombuffer(base64.b64decode(network["codes"]), "<f4").reshape(len(poses), -1)
    np.testing.assert_array_equal(codes, on_sphere(model.encoder(poses)))
    for stored, layer in zip(network["layers"], model.decoder.layers, strict=True):
        values = np.frombuffer(base64.b64decode(stored["parameters"]), "<f2").astype(np.float32)
        expected = np.concatenate([layer.weight.ravel(), layer.bias])
        np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-7)
    np.testing.assert_allclose(data["poses"], poses, atol=1e-4)


def test_damaged_models_are_left_out_and_named(study: Path, tmp_path: Path) -> None:
    folder = without_models(study, tmp_path)
    save_all(folder, {name: {"lam": 0.1} for name in ("v16-0", "a16-0-0", "a16-1-0", "a16-2-0", "a16-3-0")})
    (folder / "models" / "a16-2-0" / "last.safetensors").write_bytes(b"half")
    (folder / "models" / "a16-1-0" / "config.json").write_text("{", encoding="utf-8")
    explorer = explore(folder)
    assert {pair["name"] for pair in explorer.data["pairs"]} == {"a16-0", "a16-3"}
    named = explorer.notes[-1]
    assert "a16-2-0 (last.safetensors is damaged)" in named
    assert "v8-0 (config.json is missing)" in named
    notes = {trial["name"]: trial["note"] for trial in explorer.data["trials"]}
    assert "a16-1-0" in notes["a16-1"]
    assert notes["a16-0"] == ""
    assert "vanilla" in notes["v16"]


def test_without_models_there_is_a_map_and_no_explorer(study: Path, tmp_path: Path) -> None:
    folder = without_models(study, tmp_path)
    save_all(folder, {"v8-0": {"latent_dim": 8}, "v16-0": {}})
    explorer = explore(folder)
    assert explorer.has_map
    assert not explorer.has_pairs
    assert "a8-2-0 (config.json is missing)" in explorer.notes[-1]
    assert explorer.notes[-1].endswith("and 5 more.")


@pytest.mark.parametrize("table", ["metrics", "runs"])
def test_without_numbers_there_is_nothing_interactive(study: Path, tmp_path: Path, table: str) -> None:
    folder = without_models(study, tmp_path)
    for path in (folder / table).iterdir():
        path.unlink()
    assert not explore(folder).has_map


def test_without_pictures_there_is_no_explorer(study: Path, tmp_path: Path) -> None:
    folder = without_models(study, tmp_path)
    (folder / "models").symlink_to(study / "models")
    for path in (folder / "gallery").iterdir():
        path.unlink()
    explorer = explore(folder)
    assert explorer.has_map
    assert not explorer.has_pairs
    assert "no pictures of real poses" in explorer.data["trials"][0]["note"] + explorer.data["trials"][1]["note"]


def test_the_data_is_json_whatever_the_study_holds(tmp_path: Path) -> None:
    odd = Trial("</script>\u2028\ud800"[:10], "grid", float("inf"), [0], gamma=float("nan"))
    folder = build(tmp_path, [*trials()[:1], Trial("x", "grid", 0.1, range(2), latent_dim=8)])
    rows = store.read(folder, "runs", "x").assign(trial_id=odd.trial_id, gamma=float("nan"))
    store.write(folder, "runs", "x", rows)
    data = explore(folder).data
    text = json.dumps(data, allow_nan=False)
    assert json.loads(text)["trials"][1]["gamma"] is None


def test_only_the_pages_own_scripts_may_run() -> None:
    scripts = page_scripts()
    text = policy(scripts)
    assert text.startswith("default-src 'none'; script-src 'sha256-")
    assert text.count("sha256-") == len(scripts)
    assert "unsafe-eval" not in text
    assert "unsafe-inline" not in text.split("script-src")[1].split(";")[0]
    assert "script-src" not in policy([])
    for script in scripts:
        assert "</script" not in script.lower()

"""The manual builds as a site that opens offline, and every command and example in it runs or says why not."""

import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import acai_ray
from acai_ray import latent, metrics, poses, protocol, store
from acai_ray.sweep.space import load_space
from acai_ray.training.regularizers import REGULARIZERS
from tests.helpers.pages import ROOT, blocks, commands, not_printed, run

PAGES = {
    str(path.relative_to(ROOT)): path
    for path in [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "analysis/README.md")),
        *ROOT.glob("docs/*.md"),
    ]
}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in PAGES.items()}
LINES = sorted({line for text in TEXTS.values() for line in commands(text)})
INTO_THE_PACKAGE, BESIDE_A_SPACE = TEXTS["docs/extend.md"].split("## A regularizer\n")
SITE = ROOT / "docs" / "mkdocs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

HERE = "test_docs.py::test_a_command_runs_as_it_is_written"
PLUGIN = "test_docs.py::test_a_regularizer_beside_a_space_is_an_arm_of_its_study"
EXTENDED = "test_docs.py::test_the_examples_of_extending_it_run_as_they_are_written"
MAIN = "test_readme.py::test_the_main_command_does_what_the_readme_says"
TUTORIAL = "test_readme.py::test_the_tutorial_shows_what_its_commands_print"
CI = "test_readme.py::test_ci_runs_the_readme_command"
CLUSTER = "test_ray_up.py::test_each_command_ends_well"
OWN_MACHINES = "test_ray_up.py::test_each_command_ends_well"
PYTHON = "test_docs.py::test_the_python_of_a_page_runs"
PRIOR = "test_pose_prior.py::test_the_example_makes_what_it_says"
REPORT = "analysis/test_report_page.py::test_the_command_prints_verdicts_and_writes_page_and_figures"
SHARE = "analysis/test_sharing.py::test_every_number_is_there"
SHARED = "analysis/test_sharing.py::test_its_report_says_what_its_tables_say"
WATCH = "analysis/test_watching.py::test_it_follows_a_sweep_to_its_end"

COMMANDS = {
    # README, tutorial
    "python -m venv .venv && . .venv/bin/activate && pip install -c constraints.txt . && *": MAIN,
    "python -m venv .venv-test && *": CI,
    "python -m venv .venv && . .venv/bin/activate && pip install -c constraints.txt .": "not run: CI installs so",
    "python -m acai_ray.tune --space smoke": MAIN,
    "python -m acai_ray.analysis results/": MAIN,
    "python -m acai_ray.data inspect synthetic": TUTORIAL,
    "python -m acai_ray.tune --space smoke --dry-run": TUTORIAL,
    "python -m acai_ray.tune --space wide": "not run: hours; `smoke` runs",
    "python -m acai_ray.tune --space wide --data my_poses": "not run: hours, as above",
    "python -m acai_ray.train --config search_spaces/experiments/acai16.yaml": "not run: hours; extend.md's runs",
    # poses
    "python -m acai_ray.data inspect my_poses": HERE,
    "python -m acai_ray.data preview my_poses": "data/test_commands.py::test_preview_writes_its_pictures",
    "python -m acai_ray.data convert my_poses my_poses.parquet": HERE,
    "python -m acai_ray.tune --space smoke --data my_poses.parquet": "not run: minutes; as above on other poses",
    # report, watching
    "python -m acai_ray.analysis results/wide": REPORT,
    "python -m acai_ray.analysis results/wide --share supplement/": SHARE,
    "python -m acai_ray.analysis supplement/wide --check": SHARED,
    "pip install -c constraints.txt '.[[]dashboard]'": "not run: a server's package",
    "pip install -c constraints.txt '.[[]tensorboard,mlflow]'": "not run: CI has them with the development tools",
    "python -m acai_ray.tune --space smoke --log tensorboard --log mlflow": "not run: test_trackers_for_real has less",
    "tensorboard --logdir results/smoke/tensorboard": "not run: a server; test_trackers_for_real reads the files",
    "mlflow server --backend-store-uri sqlite:///results/mlflow.db": "not run: a server of another environment",
    "optuna-dashboard sqlite:///results/smoke/optuna.db": "not run: a server; test_optuna_db reads the file",
    "python -m acai_ray.analysis results/wide --watch": WATCH,
    "python -m acai_ray.analysis results/wide --watch 120": WATCH,
    # evidence
    "python -m acai_ray.analysis analysis/* --check": "test_evidence.py::test_its_report_says_what_its_tables_say",
    "jupyter execute *": "test_evidence.py::test_the_notebook_prints_the_same_again",
    "python -m acai_ray.tune --space table1 --data cmu17 *": "not run: hours",
    "python -m acai_ray.tune --space wide --data cmu17 *": "not run: hours",
    # extending it
    "python write_poses.py": EXTENDED,
    "python -m acai_ray.data inspect my_poses.jsonl": EXTENDED,
    "python -m acai_ray.train --config search_spaces/experiments/quick.yaml --data *": EXTENDED,
    "python show_metric.py": EXTENDED,
    "python -m acai_ray.analysis results/quick": EXTENDED,
    "python -m acai_ray.tune --space my_space.yaml": PLUGIN,
    "python show_arms.py": PLUGIN,
    # a pose prior
    "python -m acai_ray.train --config search_spaces/experiments/quick.yaml": PYTHON,
    "pip install -c constraints.txt '.[[]onnx]'": "not run: CI has it with the development tools",
    "python docs/examples/pose_prior.py results/quick/models/e00000-0 --out prior": PRIOR,
    # lines
    "python -m acai_ray.lines*": "not run: minutes; test_lines.py trains one of its pairs",
    # clusters
    "ray up cluster.yaml": CLUSTER,
    "ray rsync-up cluster.yaml my_poses.parquet '~/my_poses.parquet'": CLUSTER,
    "ray exec cluster.yaml --tmux 'python -m acai_ray.tune --space wide *'": CLUSTER,
    "ray exec cluster.yaml 'tmux capture-pane -p'": CLUSTER,
    "ray rsync-down cluster.yaml '~/results/' results/": CLUSTER,
    "ray down cluster.yaml": CLUSTER,
    "ray * docs/clusters/own-machines.yaml*": OWN_MACHINES,
    "ray get-auth-token --generate > /dev/null && *": "not run: writes the token of whoever runs it",
    "aws *": "not run: needs an account; test_cluster_file.py checks the stack",
    "sbatch *": "not run: needs Slurm; test_slurm_kubernetes.py checks the script",
    "squeue --me": "not run: needs Slurm",
    "docker *": "not run: needs a registry",
    "kubectl *": "not run: needs Kubernetes; test_slurm_kubernetes.py checks the manifest",
    "head=$(kubectl *": "not run: needs Kubernetes",
    # development
    "python -m venv .venv && * && pre-commit install": "not run: writes a hook into the clone",
    "python -m mkdocs build --strict -f docs/mkdocs/mkdocs.yml": "test_docs.py::test_every_page_is_in_the_site",
    "python docs/mkdocs/commands.py": "test_docs.py::test_the_command_reference_is_what_the_parsers_say",
    "python -m pytest tests/sweep/test_faults.py *": "not run: tests run them",
    "python -m benchmarks.*": "not run: minutes to hours; the page has what it printed",
}
"""Each command of a `bash` block, `*` for the rest of it: the test that runs it, or why none does."""


@pytest.mark.parametrize("line", LINES)
def test_every_command_is_run_or_says_why_not(line: str) -> None:
    entries = [by for pattern, by in COMMANDS.items() if fnmatchcase(line, pattern)]
    assert len(entries) == 1, f"`{line}` must have one line in COMMANDS: the test that runs it, or why none does"


@pytest.mark.parametrize("pattern", COMMANDS)
def test_what_runs_a_command_is_there(pattern: str) -> None:
    assert any(fnmatchcase(line, pattern) for line in LINES), "no page has this command any more"
    if not (by := COMMANDS[pattern]).startswith("not run: "):
        file, test = by.split("::")
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", TEXTS)
def test_every_test_named_is_there(page: str) -> None:
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    assert set(re.findall(r"`(test_\w+)`", TEXTS[page])) <= there


def test_commands_stand_in_bash_blocks() -> None:
    for name, text in TEXTS.items():
        assert not re.findall(
            r"^ {4,}(?:python|ray|pip) .*", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE
        ), name


# The site


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without a warning: links and anchors lead somewhere, docstrings are understood."""
    folder = tmp_path_factory.mktemp("site")
    build = ("-m", "mkdocs", "build", "--strict", "-f", str(SITE / "mkdocs.yml"), "-d", str(folder))
    done = run(sys.executable, *build, timeout=1800)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_in_the_site(site: Path) -> None:
    built = {path.stem for path in site.glob("*.html")} - {"404"}
    assert built == {path.stem for path in (ROOT / "docs").glob("*.md")}


@pytest.mark.slow
def test_the_site_asks_nothing_of_a_network(site: Path) -> None:
    for page in site.rglob("*.html"):
        asked = re.findall(
            r"<(?:script|link|img|iframe)[^>]*\b(?:src|href)=\"?(?:https?:)?//[^\s>]*", page.read_text(encoding="utf-8")
        )
        assert not [tag for tag in asked if 'rel="canonical"' not in tag], page.name


@pytest.mark.slow
def test_every_docstring_is_in_the_site(site: Path) -> None:
    page = (site / "api.html").read_text(encoding="utf-8")
    for name in public_names():
        assert f'id="{name}"' in page, name
    assert "unit codes where the paths start" in page


@pytest.mark.slow
def test_the_site_opens_in_a_browser(site: Path) -> None:
    """Each page fits a narrow window and complains of nothing; the search finds, though no worker may run."""
    browser_path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser_path is None:
        pytest.skip(f"no Chromium: none of {', '.join(BROWSERS)} is installed")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 400, "height": 800})
        complaints: list[Any] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda asked: complaints.append(asked.url) if asked.url.startswith("http") else None)
        for path in sorted(set(site.glob("*.html")) - {site / "404.html"}):  # which is for servers
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 400, path.name
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto((site / "index.html").as_uri())
        page.click(".md-search__input")
        page.keyboard.type("smoothness")
        page.wait_for_selector(".md-search-result__link", timeout=600_000)
        browser.close()
    assert complaints == []


# The pages


def test_the_command_reference_is_what_the_parsers_say() -> None:
    generator = runpy.run_path(str(SITE / "commands.py"))
    assert TEXTS["docs/commands.md"] == generator["page"](), "run: python docs/mkdocs/commands.py"
    modules = {path for path in (ROOT / "acai_ray").rglob("*.py") if 'if __name__ == "__main__"' in path.read_text()}
    assert len(generator["COMMANDS"]) == len(modules - {ROOT / "acai_ray" / "__main__.py"})


def public_names() -> list[str]:
    """What the package calls public, module by module."""
    of_metrics, of_poses = (
        [f"acai_ray.{m.__name__.split('.')[-1]}.{name}" for name in m.__all__] for m in (metrics, poses)
    )
    of_protocol = [f"acai_ray.protocol.{name}" for name in protocol.__all__]
    written = {"Session", "lock", "write", "write_json", "replacing"}  # only the driver writes
    constants = {"SCHEMAS", "SCHEMA_VERSION", "SETTINGS", "TABLES"}  # study.md
    of_store = [f"acai_ray.store.{name}" for name in store.__all__ if name not in written | constants]
    of_latent = [
        f"acai_ray.latent.{name}"
        for name, value in vars(latent).items()
        if getattr(value, "__module__", "") == latent.__name__
    ]
    public_latent = [name for name in of_latent if not name.split(".")[-1].startswith("_")]
    modules = {"latent", "metrics", "poses", "protocol", "store"}
    of_package = [f"acai_ray.{name}" for name in acai_ray.__all__ if name not in modules]
    return sorted([*of_package, *of_metrics, *of_poses, *of_protocol, *of_store, *public_latent])


def test_the_python_reference_lists_the_public_names() -> None:
    assert sorted(re.findall(r"^::: (.+)$", TEXTS["docs/api.md"], re.MULTILINE)) == public_names()


def test_the_faults_name_tests_that_are_there() -> None:
    table = TEXTS["docs/faults.md"].split("\n## ")[0]
    there = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(re.findall(r"`(test_\w+)`", table))
    assert len(named) > 5
    assert named <= there, f"docs/faults.md names {', '.join(sorted(named - there))}, which is not there"


def test_every_metric_has_an_equation() -> None:
    text = TEXTS["docs/metrics.md"]
    table, equations = text.split("## Equations")
    listed = {name for row in re.findall(r"^\| (`.+?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    *before, after = re.split(r"```math\n.*?```\n", equations.split("\n## ")[0], flags=re.DOTALL)
    assert listed - {"real"} <= {name for text in before for name in re.findall(r"`(\w+)`", text)}
    assert not after.strip(), "what stands after the last equation has none"


def test_the_table_of_regularizers_is_what_the_code_has() -> None:
    def quoted(names: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in names) or "–"

    expected = [
        (
            f"`{part.name}`",
            part.title,
            part.weighs,
            part.unit,
            *(f"{end:g}".replace("e-0", "e-") for end in part.lam_range),
            quoted(part.codes),
            quoted(f"{name}: {value}" for name, value in part.options.items()),
            quoted(part.terms),
            part.source,
        )
        for part in REGULARIZERS.values()
    ]
    found = [tuple(row.strip("| ").split(" | ")) for row in TEXTS["docs/regularizers.md"].splitlines()]
    assert [row for row in found if len(row) == len(expected[0])][1:] == expected


@pytest.mark.parametrize("page", ["docs/search-spaces.md", "docs/regularizers.md"])
def test_a_space_of_several_regularizers_is_understood_as_the_page_has_it(page: str, tmp_path: Path) -> None:
    examples = [block.text for block in blocks(TEXTS[page]) if "for_regularizer:" in block.text]
    assert len(examples) == 1
    (tmp_path / "mine.yaml").write_text(examples[0], encoding="utf-8")
    space = load_space(str(tmp_path / "mine.yaml"))
    assert space.regularizers == list(REGULARIZERS)
    for name, part in REGULARIZERS.items():
        lam = space.searched(name)[f"lam@{name}"]
        given = space.for_regularizer.get(name, {}).get("lam")
        assert lam == given if given else lam.log_uniform == part.lam_range


# What the pages tell to do


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory, pose_set: poses.PoseSet) -> Path:
    """A folder with the poses that the pages call a reader's own."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "my_poses").mkdir()
    for split in pose_set.splits:
        part = pose_set.split(split)
        subject = part.index["subject"].astype(str).to_numpy()
        np.savez(folder / "my_poses" / f"{split}.npz", poses=part.poses, subject=subject)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in LINES if COMMANDS.get(line) == HERE])
def test_a_command_runs_as_it_is_written(line: str, workspace: Path) -> None:
    done = run(sys.executable, *shlex.split(line)[1:], cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert "next: python -m acai_ray" in done.stdout


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the examples of extend.md in it that change the package."""
    folder = tmp_path_factory.mktemp("extended")
    for name in ("acai_ray", "search_spaces"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for block in blocks(INTO_THE_PACKAGE):
        if block.language == "python":
            (folder / block.title).write_text(block.text, encoding="utf-8")
        elif block.language == "diff":
            patch(folder / block.title, block.text)
    return folder


def patch(file: Path, changes: str) -> None:
    """Lines with ` ` and `-` become those with ` ` and `+`."""
    old, new = (
        "".join(line[1:] for line in changes.splitlines(keepends=True) if line[0] in signs) for signs in (" -", " +")
    )
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"extend.md changes lines of {file.name} that are not there as it has them:\n{old}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def follow(text: str, folder: Path, package: Path) -> None:
    """Run the commands of a text in a folder, and compare what each prints with what the text shows after it."""
    printed = ""
    for block in blocks(text):
        if block.language == "text":
            assert not not_printed(block.text, printed), printed
        for line in commands(f"```bash\n{block.text}```") if block.language == "bash" else ():
            done = run(sys.executable, *shlex.split(line)[1:], cwd=folder, package=package, timeout=1800)
            assert done.returncode == 0, f"{line} ends with {done.returncode}: {done.stderr[-2000:]}"
            printed = done.stdout


@pytest.mark.slow
def test_the_examples_of_extending_it_run_as_they_are_written(extended: Path) -> None:
    """The format is read, the metric is a column, the figure is in the report; the examples keep the house rules."""
    follow(INTO_THE_PACKAGE, extended, extended)
    report = extended / "results" / "quick" / "report"
    assert {file.suffix for file in (report / "figures").glob("reconstruction_by_size.*")} == {".svg", ".png", ".pdf"}
    assert "Reconstruction by latent size" in (report / "index.html").read_text(encoding="utf-8")
    added = [block.title for block in blocks(INTO_THE_PACKAGE) if block.title.startswith("acai_ray/")]
    for rule in ("check", "format --check --diff"):
        done = run(
            sys.executable, "-m", "ruff", *rule.split(), "--config", str(ROOT / "pyproject.toml"), *added, cwd=extended
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_regularizer_beside_a_space_is_an_arm_of_its_study(tmp_path: Path) -> None:
    """The module and the space are those of extend.md, and a study on Ray has runs of that arm."""
    for block in blocks(BESIDE_A_SPACE):
        if block.title:
            (tmp_path / block.title).write_text(block.text, encoding="utf-8")
    follow(BESIDE_A_SPACE, tmp_path, ROOT)
    study = store.load(tmp_path / "results" / "my_space")
    own = study.runs[study.runs["arm"] == "cycle"]
    assert (own["status"] == "done").all()
    assert own["lam"].between(1e-5, 0.1).all()
    assert study.history.query("run_id in @own.run_id")["loss_cycle"].notna().all()
    assert list(study.study["space"]["plugins"]) == ["cycle"]
    (tmp_path / "cycle.py").write_text(blocks(BESIDE_A_SPACE)[1].text + "# changed\n", encoding="utf-8")
    done = run(sys.executable, "-m", "acai_ray.tune", "--space", "my_space.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "plugins.cycle was" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", "docs/api.md", "docs/pose-prior.md", "docs/verdicts.md"])
def test_the_python_of_a_page_runs(page: str, extended: Path) -> None:
    if not (extended / "results" / "quick").exists():
        train = "-m acai_ray.train --config search_spaces/experiments/quick.yaml --epochs 1"
        assert run(sys.executable, *train.split(), cwd=extended, package=extended, timeout=1800).returncode == 0
    program = "".join(block.text for block in blocks(TEXTS[page]) if block.language == "python")
    done = run(sys.executable, "-c", program, cwd=extended, package=extended)
    assert done.returncode == 0, done.stderr


def test_every_page_with_python_is_run() -> None:
    having = {name for name, text in TEXTS.items() if any(block.language == "python" for block in blocks(text))}
    assert having == {
        "README.md",
        "docs/api.md",
        "docs/extend.md",
        "docs/pose-prior.md",
        "docs/tutorial.md",
        "docs/verdicts.md",
    }

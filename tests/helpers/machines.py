"""Machines for tests: Linux namespaces with processes, files, an address and an SSH server of their own.

They stand on a network of their own, so a program that uses them runs in namespaces itself: see `in_namespaces`. Needs
root, `sshd` and `rsync`. There is no way out of that network, so a machine finds the packages of the Python that runs
the tests, and its `apt-get` does nothing.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.helpers.processes import name_of

OWN = ["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--mount-proc", "--kill-child"]
CLIENT = "192.0.2.1"
"""The address of whoever uses the machines (a network for documentation, RFC 5737)."""

BOOT = """
set -eu
mount --make-rprivate /
mount --bind "$MACHINE/home" /home
for name in passwd group shadow ssh; do mount --bind "$MACHINE/etc/$name" "/etc/$name"; done
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /dev/shm
mkdir /run/sshd
hostname "$NAME"
temporary=$(dirname "$(env -u TMPDIR mktemp -u)") # where the programs of whoever logs in have theirs, such as Ray
for kept in $KEPT; do
  case $kept in "$temporary"/*)
    inside=$MACHINE/tmp/${kept#"$temporary"/}
    mkdir -p "$inside"; mount --bind "$kept" "$inside" ;;
  esac
done
mount --rbind "$MACHINE/tmp" "$temporary"
exec /usr/sbin/sshd -D -E /run/sshd.log
"""
SSHD = "Port 22\nHostKey /etc/ssh/key\nPasswordAuthentication no\nUsePAM no\nSubsystem sftp internal-sftp\n"

TOOLS = {
    "sudo": 'exec "$@"',
    "apt-get": "",
    "python3": f'exec {sys.executable} "$@"',
    "ray": 'exec python -m ray.scripts.scripts "$@"',  # what pip would have installed
}
"""What a machine's image has."""


def why_not() -> str:
    """Why there can be no machines here; empty if there can."""
    if os.geteuid() != 0:
        return "machines need root"
    missing = [name for name in ("unshare", "ip", "sshd", "ssh", "rsync", "tmux", "curl") if not _found(name)]
    if missing:
        return f"machines need {', '.join(missing)}"
    tried = subprocess.run(
        [*OWN, "ip", "link", "add", "br0", "type", "bridge"], capture_output=True, text=True, check=False
    )
    return f"machines need namespaces and bridges of the kernel: {tried.stderr.strip()}" if tried.returncode else ""


def _found(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def in_namespaces(module: str, *arguments: str) -> list[str]:
    """The command of a program, a module of the checkout, that may use machines."""
    return [*OWN, sys.executable, "-m", module, *arguments]


def run(*command: str, timeout: float = 600) -> str:
    """What a command prints.

    Raises:
        RuntimeError: it failed.
    """
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


class Machines:
    """A network and its machines, all in this process's namespaces.

    Args:
        folder: where their files are.
        user: who may log in; has root's rights, as a cloud image's user has by `sudo`.
        login: lines for the user's `.bashrc`.
        shared: a folder that all machines see under its own path, as on a file server.
    """

    def __init__(self, folder: Path, user: str, login: list[str], shared: Path | None = None) -> None:
        self.folder, self.user, self.login, self.shared = folder, user, login, shared
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        for words in (
            "link set lo up",
            "link add br0 type bridge",
            "link set br0 up",
            f"addr add {CLIENT}/32 dev br0",
            "route add default dev br0",
        ):
            run("ip", *words.split())

    def boot(self, name: str, addresses: list[str], public_key: str) -> None:
        """Start a machine; its first address is the one it knows itself by. Returns when it can be logged into."""
        place = self.folder / name
        self._furnish(place, public_key)
        kept = [sys.prefix, sys.base_prefix, *([str(self.shared)] if self.shared else [])]
        environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", "MACHINE": str(place), "NAME": name}
        process = subprocess.Popen([*OWN, "bash", "-c", BOOT], env=environment | {"KEPT": " ".join(kept)})
        self.running[name] = process
        mine = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{process.pid}/ns/net").readlink() == mine:
            time.sleep(0.01)
        self._plug_in(process.pid, addresses)

    def stop(self, name: str) -> None:
        """Take a machine away, as a cloud does: without a word to what runs on it."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def runs(self, name: str, words: str) -> bool:
        """Whether a machine has a process with these words in its command line."""
        return any(words in name_of(process) for process in psutil.Process(self.running[name].pid).children(True))

    def _plug_in(self, pid: int, addresses: list[str]) -> None:
        cable = f"v{pid}"
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", str(pid))
        run("ip", "link", "set", cable, "master", "br0", "up")
        lines = ["link set lo up", *(f"addr add {address}/32 dev eth0" for address in addresses)]
        for words in [*lines, "link set eth0 up", f"route add default dev eth0 src {addresses[0]}"]:
            run("nsenter", "--target", str(pid), "--net", "ip", *words.split())

    def home(self, name: str) -> Path:
        """Where the home of a machine's user lies on this one."""
        return self.folder / name / "home" / self.user

    def _furnish(self, place: Path, public_key: str) -> None:
        home = self.home(place.name)
        for folder in (home / ".ssh", home / "bin", place / "etc" / "ssh", place / "tmp"):
            folder.mkdir(parents=True)
        (home / ".ssh" / "authorized_keys").write_text(public_key, encoding="utf-8")
        for name, text in TOOLS.items():
            script = home / "bin" / name
            script.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            script.chmod(0o755)
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        lines = ["export PATH=~/bin:$PATH TMUX_TMPDIR=~", f"export PYTHONPATH={packages}", *self.login]
        offline = "export PIP_NO_INDEX=1 PIP_NO_BUILD_ISOLATION=0 PIP_DISABLE_PIP_VERSION_CHECK=1"
        (home / ".bashrc").write_text("\n".join([*lines, offline]) + "\n", encoding="utf-8")
        (home / ".bash_profile").write_text(". ~/.bashrc\n", encoding="utf-8")
        etc = place / "etc"
        entry = f"{self.user}:x:0:0::/home/{self.user}:/bin/bash\n"
        (etc / "passwd").write_text(entry + Path("/etc/passwd").read_text(encoding="utf-8"), encoding="utf-8")
        (etc / "shadow").write_text(f"{self.user}:*:1::::::\n", encoding="utf-8")
        shutil.copy("/etc/group", etc / "group")
        (etc / "ssh" / "sshd_config").write_text(SSHD, encoding="utf-8")
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(etc / "ssh" / "key"))

"""Processes of Ray, by their names."""

import psutil

NAMES = ("ray::PoseTrial", "ray::ResourceTrainable")
"""What a process that trains is called: between two calls by its class, during one by Tune's wrapper of it."""


def name_of(process: psutil.Process) -> str:
    """Its name and command line; empty once it has ended."""
    try:
        return process.name() + " ".join(process.cmdline())
    except psutil.Error:
        return ""


def that_train(driver: psutil.Process) -> list[psutil.Process]:
    """The processes of a driver that train, also those between two epochs."""
    return [process for process in driver.children(recursive=True) if any(n in name_of(process) for n in NAMES)]

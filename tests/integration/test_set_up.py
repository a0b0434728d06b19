"""Building to run needs nothing that only tests need."""

import os
import subprocess

import pytest

from harness import ROOT


def targets_of(folder, *options):
    done = subprocess.run(["cmake", "--preset", "release", "-B", str(folder), *options], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    listed = subprocess.run(["ninja", "-C", str(folder), "-t", "targets", "all"], capture_output=True, text=True, check=True)
    return {line.split(":")[0] for line in listed.stdout.splitlines()}


def test_a_machine_without_the_packages_of_the_tests_builds_the_program(tmp_path):
    without = ["-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_benchmark=ON"]
    targets = targets_of(tmp_path / "run", *without)
    assert {"penstock", "penstock_web"} <= targets
    assert "test_base" not in targets
    assert targets_of(tmp_path / "test", "-DPENSTOCK_TESTS=ON", *without) is None, "tests need their packages"


@pytest.mark.parametrize("arguments, with_tests, built", [
    ([], False, "penstock penstock_web"),
    (["release", "penstock"], False, "penstock"),
    (["debug", "test_base"], True, "test_base"),
    (["release", "all"], True, "all"),
])
def test_only_who_asks_for_tests_builds_them(tmp_path, arguments, with_tests, built):
    noted = tmp_path / "calls"
    stand_in = tmp_path / "cmake"
    stand_in.write_text(f'#!/bin/sh\necho "$@" >>{noted}\n')
    stand_in.chmod(0o755)
    subprocess.run([ROOT / "scripts" / "build", *arguments], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, check=True)
    configured, build = noted.read_text().splitlines()
    assert ("-DPENSTOCK_TESTS=ON" in configured) == with_tests
    assert build.endswith(f"--target {built}")

"""Fixtures that several test modules share."""

import os

import pytest
from other_libraries import opened

from tnet.cli.main import main


def pytest_configure(config):
    """Give each of several workers one thread for linear algebra: they share the processors."""
    if getattr(config.option, "numprocesses", None):
        os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def run(capsys):
    """Run the command line; return its status, output and errors."""

    def ran(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return ended.value.code, output.out, output.err

    return ran


@pytest.fixture(params=["torch", "jax"])
def library(request):
    with opened(request.param) as found:
        yield found


@pytest.fixture
def torch():
    with opened("torch") as found:
        yield found


@pytest.fixture
def jax():
    with opened("jax") as found:
        yield found

"""The examples in the docstrings of the battery run."""

import doctest
import importlib
import pkgutil

import pytest

import models.evaluate

NAMES = [found.name for found in pkgutil.iter_modules(models.evaluate.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name: str) -> None:
    module = importlib.import_module(f"models.evaluate.{name}")
    assert doctest.testmod(module).failed == 0

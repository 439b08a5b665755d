"""Arrows point down only: who may import what, who may import ctypes, who may call exec."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


HTTP = {"falcon", "gunicorn", "http", "wsgiref", "yaml"}

FORBIDDEN = {
    "bindings/libslurm": {"slurmrest", "orjson", *HTTP},
    "slurmrest/data_parser": {"slurmrest.resources", "slurmrest.daemon", "slurmrest.app", "ctypes", *HTTP},
    "slurmrest/resources": {"slurmrest.daemon", "slurmrest.app", "slurmrest.wsgi", "ctypes", "gunicorn"},
    "slurmrest/daemon": {"slurmrest.resources", "slurmrest.data_parser", "ctypes"},
}


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _imports(path: Path) -> Iterator[str]:
    """Absolute names of all modules that a file imports, wherever in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module or "")))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _within(name: str, module: str) -> bool:
    return name == module or name.startswith(module + ".")


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_a_layer_imports_nothing_above_it(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(folder)
        for name in _imports(path)
        if any(_within(name, module) for module in FORBIDDEN[folder])
    ]
    assert _files(folder)
    assert found == []


def test_only_the_bindings_import_ctypes() -> None:
    users = {
        path for folder in ("slurmrest", "conf", "bindings") for path in _files(folder) if "ctypes" in _roots(path)
    }
    assert users
    assert all(path.is_relative_to(ROOT / "bindings") for path in users)


def _roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def test_only_the_compiler_calls_exec() -> None:
    callers = {
        str(path.relative_to(ROOT))
        for folder in ("slurmrest", "bindings")
        for path in _files(folder)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("exec", "eval")
    }
    assert callers == {"slurmrest/data_parser/compile.py"}

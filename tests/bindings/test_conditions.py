"""Conditions: what is asked stands where the release has it, a member of its own or a bit of `flags`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from libslurm.conditions import FLAGS, condition
from libslurm.errors import SlurmUnsupported
from libslurm.layout import Layout
from libslurm.library import Library
from libslurm.lists import texts
from libslurm.memory import Arena, address_of

LAYOUTS = [Layout.exact(release) for release in Layout.releases()]


def slurmdbd(layout: Layout, library: Library | None = None) -> Any:
    """As much of an Accounting as makes records of *layout*."""
    used = SimpleNamespace(layout=layout, c=library.c if library else None)
    return SimpleNamespace(library=used, condition=lambda struct: layout.record(struct)())


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.release_text)
@pytest.mark.parametrize(("struct", "name"), FLAGS)
def test_every_release_can_be_asked(struct: str, name: str, layout: Layout) -> None:
    record = condition(slurmdbd(layout), Arena(), struct, name)
    if name in layout.structs[struct].members:
        assert getattr(record, name) == 1
    else:
        assert record.flags == layout.constant(FLAGS[struct, name])


def test_what_is_asked_adds_up() -> None:
    layout = LAYOUTS[-1]
    record = condition(slurmdbd(layout), Arena(), "slurmdb_account_cond_t", "with_assocs", "with_deleted")
    assert record.flags == layout.constant("SLURMDB_ACCT_FLAG_WASSOC") | layout.constant("SLURMDB_ACCT_FLAG_DELETED")


def test_what_no_release_can_be_asked_is_an_error() -> None:
    with pytest.raises(SlurmUnsupported, match="with_everything"):
        condition(slurmdbd(LAYOUTS[0]), Arena(), "slurmdb_assoc_cond_t", "with_everything")


def test_lists_and_conditions_live_as_long_as_the_arena(library: Library) -> None:
    arena, db = Arena(), slurmdbd(library.layout, library)
    inner = condition(db, arena, "slurmdb_assoc_cond_t", user_list=["a", "żółć"], acct_list=None)
    outer = condition(db, arena, "slurmdb_user_cond_t", assoc_cond=inner, admin_level=2)
    assert texts(library, inner.user_list) == ["a", "żółć"]
    assert not inner.acct_list
    assert (outer.assoc_cond, outer.admin_level) == (address_of(inner), 2)

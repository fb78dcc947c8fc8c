"""Whatever a newsroom does, in any order: what readers have is what is made from nothing, and no word, id or date is lost or leaks.

`support.any_order` looks for hours; these are three runs of it.
"""

from __future__ import annotations

import pytest

from support.any_order import run

SEEDS, STEPS = (1, 2, 1001), 60


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_newsroom_does_in_any_order_is_what_is_made_from_nothing(seed: int) -> None:
    run(seed, STEPS)

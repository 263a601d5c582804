"""What is said of a host that may not be reached."""

from __future__ import annotations

import re

import pytest

from videojobs_worker.storage.addresses import reach
from videojobs_worker.storage.guard import RefusedAddressError, guarded


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("10.96.0.1", r"10\.96\.0\.1 is not a public address"),
        ("[::1]", "::1 is not a public address"),
        ("localhost", r"localhost stands for (127\.0\.0\.1|::1), which is not a public address"),
    ],
)
def test_an_address_is_named_once_and_a_name_with_what_it_stands_for(host: str, told: str) -> None:
    with pytest.raises(RefusedAddressError) as refused:
        guarded(reach([])).request("GET", f"http://{host}/a.mp4", retries=False)
    assert re.fullmatch(told, str(refused.value))

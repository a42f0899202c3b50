"""How passwords are kept."""

from __future__ import annotations

from argon2 import Type, extract_parameters

from pomost.panel.security.passwords import hashed, matches


def test_a_password_is_kept_as_argon2id_of_enough_memory_and_time() -> None:
    """At least what OWASP asks for in its Password Storage Cheat Sheet: 19 MiB and two passes."""
    kept = hashed("cztery zwykłe słowa razem")

    found = extract_parameters(kept)
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
    assert found.salt_len >= 16
    assert "cztery" not in kept


def test_the_same_password_of_two_people_looks_different_and_each_fits_its_own() -> None:
    one, other = hashed("cztery zwykłe słowa razem"), hashed("cztery zwykłe słowa razem")

    assert one != other
    assert matches(one, "cztery zwykłe słowa razem")
    assert not matches(one, "cztery zwykłe słowa osobno")
    assert not matches("", "nobody has this password"), "who is not there has no password, not even that one"

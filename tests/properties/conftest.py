"""Assertions of the lives say what they compared."""

import pytest

pytest.register_assert_rewrite("tests.properties.life")

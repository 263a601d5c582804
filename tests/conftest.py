"""What all tests share: property tests are seeded, and no test is judged by the clock."""

from hypothesis import settings

settings.register_profile("videojobs", deadline=None, derandomize=True)
settings.load_profile("videojobs")

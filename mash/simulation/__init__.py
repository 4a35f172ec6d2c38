"""A month that looks like a real one, planned by a seed and played through the REST APIs in stepped business time."""

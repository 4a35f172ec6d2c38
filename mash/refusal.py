"""Why the launcher will not do what it was asked to."""


class Refused(Exception):
    """Something on this machine is in the way; the message is for a person: what, and what to do about it."""

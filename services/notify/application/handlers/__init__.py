"""What notify does about each event: note what it says, then ask the pack who is owed what. None of these commits."""

"""Imported by the process that replicas are forked from: afterwards it has everything that they have in common."""

from __future__ import annotations

from benchmarks.clocks_replicas import rulebooks

rulebooks()

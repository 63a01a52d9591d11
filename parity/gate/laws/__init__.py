"""Tests laws that hold for every schedule on random schedules, and on back ends that break one on purpose."""

"""Exercise 3: the schedules on a large vision problem, ResNet on photos."""

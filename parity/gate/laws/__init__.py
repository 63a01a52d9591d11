"""What has to hold for every schedule, tried on random ones, and the backends that break it on purpose."""

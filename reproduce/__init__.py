"""The experiments of the chapter "Learning Rate Scheduling" of Dive into Deep Learning, rerun in three frameworks."""

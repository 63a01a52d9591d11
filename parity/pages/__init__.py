"""Pages and pictures that are made from measurements."""

"""Makes pages and pictures from measurements."""

"""Which releases apply the specified rates? Each is installed in an environment of its own and measured there."""

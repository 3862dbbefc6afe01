"""Our own tests; a package, because Ciw installs one named `tests`, which would stand before a mere folder."""

"""Programs that try this project hard: of the clone, not of the package."""

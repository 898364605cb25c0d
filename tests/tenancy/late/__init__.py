"""An app that a later release brings, with migrations that the stores still lack."""

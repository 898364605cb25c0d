"""The composition root: settings, URLs and entry points. Nothing imports it but the outside."""

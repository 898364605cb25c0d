"""Payment gateways: one file each, named in `registry`."""

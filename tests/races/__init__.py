"""`make races`: buyers who race each other while their processes are killed."""

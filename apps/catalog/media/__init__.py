"""Pictures and files of products: what is kept, how it is named, how it is told. ADR 14."""

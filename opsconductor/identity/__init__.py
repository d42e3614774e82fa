"""Log-in with accounts that are kept elsewhere: directories and identity providers."""

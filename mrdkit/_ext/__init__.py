"""The compiled kernels. Private: each one is called through one checking wrapper in its room."""

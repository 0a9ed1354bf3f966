"""The untrusted side: processes that run student code, or rebuilt models, and answer requests."""

"""The tables as they were made and changed, step by step (Alembic)."""

"""The engine for Python users: tables in and out are pandas DataFrames."""

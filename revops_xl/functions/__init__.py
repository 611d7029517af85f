"""The worksheet functions: declared once, computed by the engine, called by every host."""

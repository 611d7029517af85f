"""The only code that knows .xlsx: admitting, reading, writing in place, saving, building templates."""

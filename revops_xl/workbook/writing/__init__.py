"""Result tables written in place; everything else in the workbook stays as it is."""

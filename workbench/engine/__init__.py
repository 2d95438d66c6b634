"""The side of the wall with torch: layers, data, training, export. No Qt in here."""

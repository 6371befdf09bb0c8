"""The bundled contest of two cities, with simulated people."""

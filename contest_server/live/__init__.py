"""What runs: one desk a contest, the board, and the clocks of the venues."""

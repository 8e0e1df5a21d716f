"""猶予・延滞金の免除・期限の延長: acts of two people that let a claim rest, take its interest away or move its day."""

"""What a run leaves word of for the next one, and for those who look on."""

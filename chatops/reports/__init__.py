"""Reports: what each room is told at the end of a day, a week and a month, once, and the card of every hour."""

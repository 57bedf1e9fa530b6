"""One ask from end to end: who came, what they may, what is asked twice, approved, done, recorded and answered."""

"""What tests are made from: random calls of every kind (`calls`), patients and cohorts (`cohort`)."""

"""What is under conf/ for production, each file tried with the program that it is for."""

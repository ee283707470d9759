"""What is published: ``make release``. table.py has a row for each file."""

"""Reports: what was sold, at what margin, what lies and what fails, summed up in the database and never document by document."""

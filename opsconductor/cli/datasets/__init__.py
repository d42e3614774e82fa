"""`opsconductor datasets`: upload, analyse, and see what was found."""

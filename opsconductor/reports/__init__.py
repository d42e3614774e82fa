"""Reports about a period: facts, what follows from them, and the document in HTML, PDF and CSV."""

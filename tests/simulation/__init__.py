"""Days of a network's life in seconds: random traffic, a model database, and the laws that must hold."""

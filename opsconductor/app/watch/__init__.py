"""What the daemon watches about itself: losses, silence, its database, its connectors, its way to people."""

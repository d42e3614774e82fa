"""What provisioning files declare, and what it changes."""

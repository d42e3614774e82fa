"""What channels share: HTTP requests, texts that fit their receiver, and secrets that stay out of sight."""

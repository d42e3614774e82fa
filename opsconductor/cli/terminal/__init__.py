"""What commands share: the API's client, options and output."""

"""Functions on a reply that make it wrong in one exact way, one file each."""

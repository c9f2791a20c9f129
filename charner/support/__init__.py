"""What every room needs: errors that users are told, and files written whole."""

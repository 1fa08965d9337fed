"""What people write where an e-mail address or a phone number is asked for, and what it means."""

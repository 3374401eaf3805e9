"""What people do about decisions and rules: explain, review, override, compare, put in force."""

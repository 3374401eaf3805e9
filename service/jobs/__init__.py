"""Books and the jobs that run on them, in processes of their own."""

"""The web console's hosting: its bucket, its distribution, its sign-in, and what each file is answered with."""

"""Serves the web console's build on this machine, with the paths and headers that CloudFront has on AWS."""

"""Tables, buckets and queues, and the functions that fill, check and erase what they hold."""

"""The turn of a conversation: the function behind the queue, the state machine, the node types, and the schedules."""

"""What operators use: logs, alarms, the dashboard, saved queries, and the outputs of the stack."""

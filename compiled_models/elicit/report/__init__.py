"""What an experiment reports: tables, charts, facts, means with intervals, distances, costs, progress."""

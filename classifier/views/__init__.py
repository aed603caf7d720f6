"""Pages of models and trainings."""

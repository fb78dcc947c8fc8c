"""What the specifications ask of each document, rule by rule; beside each stands an edit of a good document that breaks it."""

"""What the service says of itself and of its datasets: DCAT, VoID, service description."""

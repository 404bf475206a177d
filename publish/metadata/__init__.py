"""What machines and readers are told of the datasets: dictionary, Data Package, DCAT catalogue."""

"""ERP to channels: stock, prices and cards; what differs is found in the database and sent in the channel's batches."""

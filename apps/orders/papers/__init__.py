"""The papers of an order as PDF files: invoices, credit notes, packing slips."""

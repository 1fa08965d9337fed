"""The checks, one file per theme: landed data, marts, and the silos held side by side."""

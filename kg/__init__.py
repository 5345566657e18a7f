"""jp-sdgplan: from municipal plan documents to linked open data. See `kg/pipeline.py`."""

"""How inputs lie and are gathered: mode trees, pooling geometries, partitions."""

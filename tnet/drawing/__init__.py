"""Pictures of networks: layout, scene, SVG, and PNG or PDF."""

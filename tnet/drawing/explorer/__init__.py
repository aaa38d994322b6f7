"""The interactive page: a network whose inputs change sides under the pointer."""

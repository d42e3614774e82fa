"""From the sockets to decoded traps: ports, refusals, repeated informs, drops of the kernel."""

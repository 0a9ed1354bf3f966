"""The boundary around student code: a warm template process and its confined forks, the workers.

`launch` starts the template, `spawn` leases workers from it, `process` talks to a worker and
watches it, `confine` holds the steps by which a worker confines itself before it runs student code,
`probe` tests the isolation.
"""

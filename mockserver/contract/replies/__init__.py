"""Reply contracts: what each kind of object holds, as data, and the check against it."""

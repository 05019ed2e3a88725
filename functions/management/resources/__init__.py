"""Each noun of the API: a router named `router`, and the models of what it says. A new module here is all it takes."""

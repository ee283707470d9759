"""The site of `make docs`: the guides and, in the same look and the same search, the references. Each reference becomes
Markdown from what its language's own tool says: Doxygen of the header (c.py), pdoc of the Python package (python.py),
DocC of the Swift package (swift.py), Dokka of the Kotlin package (kotlin.py). MkDocs renders all of it."""

"""A made-up institution of any size, written as the exports that its systems would hand over.

Everything follows from the number of a document, an order or an initiative by a hash, so that the same size gives the
same bytes. What the systems tell fits together: payments and XML are of documents of the register, orders are named by
documents, initiatives are paid, transferred to and approved, and so on. The dirt is that of the contract, at the rates
that documents.py and surroundings.py state.
"""
